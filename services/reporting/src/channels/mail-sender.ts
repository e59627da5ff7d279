import { mailOf, type Sender, type SendFailure, type ToldAlert } from '@capstan/alerts';
import { type EmailChannelConfig, type Secret, untraced } from '@capstan/runtime';
import { createTransport, type SMTPTransportOptions } from 'nodemailer';
import type { ChannelSender } from '../alerts/channel-sender.ts';
import { LIMITS } from '../limits.ts';

/** How a mail server is spoken with. */
export interface MailChannel {
  readonly server: EmailChannelConfig;
  readonly sender: Sender;
  /** `undefined` for a server that wants none. */
  readonly password: Secret | undefined;
  /** All certificates that the server's may rest on, in PEM; those of Node unless given. */
  readonly authorities?: readonly string[];
}

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/**
 * Sends messages as mail, a connection each. What it says of failures is made of codes alone: the words of a server may hold
 * what it was told.
 */
export class MailSender implements ChannelSender {
  readonly channel: string;
  readonly #settings: MailChannel;
  readonly #timeoutMs: number;

  constructor(settings: MailChannel, timeoutMs: number = LIMITS.sendTimeoutMs) {
    this.channel = settings.server.name;
    this.#settings = settings;
    this.#timeoutMs = timeoutMs;
  }

  async send(alerts: readonly ToldAlert[], signal: AbortSignal): Promise<SendFailure | undefined> {
    const late = AbortSignal.timeout(this.#timeoutMs);
    try {
      await untraced(() => this.#deliver(alerts, AbortSignal.any([signal, late])));
      return undefined;
    } catch (error) {
      if (late.aborted)
        return { why: `no answer within ${this.#timeoutMs / 1_000} s`, of: 'channel' };
      return signal.aborted ? { why: 'given up', of: 'channel' } : failureOf(error);
    }
  }

  async #deliver(alerts: readonly ToldAlert[], signal: AbortSignal): Promise<void> {
    const { server, sender } = this.#settings;
    const transport = createTransport(this.#options());
    try {
      await transport.sendMail({
        ...mailOf(alerts, sender),
        from: { name: 'Capstan', address: server.from },
        to: server.to,
        messageId: messageId(alerts, server.from),
        // Keeps holiday notices of the other side away.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
    } finally {
      transport.close();
    }
  }

  #options(): SMTPTransportOptions {
    const { server, password, authorities } = this.#settings;
    const { host, tls, user } = server;
    return {
      host,
      port: server.port ?? PORTS[tls],
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      logger: false,
      ...(authorities === undefined ? {} : { tls: { ca: [...authorities] } }),
      ...(password === undefined
        ? {}
        : // A server that offers no login is a failure, not a reason to go without.
          { auth: { user, pass: password.reveal() }, forceAuth: true }),
    };
  }
}

/** Names a message for what it tells, so that one that comes twice is known by its name; a test is each time another. */
function messageId(alerts: readonly ToldAlert[], from: string): string {
  const parts = alerts.map(({ sequence, atUs }) => `${sequence}.${atUs}`);
  const ends = [...new Set([parts.at(0), parts.at(-1)])].join('-');
  return `<capstan-${ends}${from.slice(from.lastIndexOf('@'))}>`;
}

/** What a failed delivery says of itself beside its words. */
interface MailError {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
}

function failureOf(error: unknown): SendFailure {
  const { code, originalCode, command, responseCode }: MailError =
    typeof error === 'object' && error !== null ? error : {};
  const answer = typeof responseCode === 'number' ? ` (it answers ${responseCode})` : '';
  const channel = (why: string): SendFailure => ({ why: `${why}${answer}`, of: 'channel' });
  switch (code) {
    case 'EAUTH':
      return channel('the mail server refuses the login');
    case 'ETLS':
      return channel('no secure connection to the mail server');
    case 'EENVELOPE':
      return channel(`the mail server refuses ${refusedPart(command)}`);
    case 'EMESSAGE':
      return {
        why: `the mail server refuses the message${answer}`,
        of: typeof responseCode === 'number' && responseCode < 500 ? 'channel' : 'message',
      };
    default: {
      const word = [originalCode, code].find((one) => typeof one === 'string');
      return channel(`the mail server cannot be reached (${word ?? 'it failed'})`);
    }
  }
}

function refusedPart(command: unknown): string {
  if (command === 'MAIL FROM') return 'the sender';
  return command === 'RCPT TO' ? 'the recipient' : 'the mail';
}
