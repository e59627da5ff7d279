import type { SendFailure, ToldAlert } from '@capstan/alerts';
import { US_PER_SECOND } from '@capstan/domain';
import { type Secret, untraced } from '@capstan/runtime';
import type { ChannelSender } from '../alerts/channel-sender.ts';
import { LIMITS } from '../limits.ts';

/** How a channel that is reached over HTTP is spoken with. */
export interface HttpChannel {
  readonly channel: string;
  /** The address alone lets everybody write there. */
  readonly url: Secret;
  readonly body: (alerts: readonly ToldAlert[]) => string;
  /** Answers that refuse this very message, whenever it is sent. */
  readonly refusals: readonly number[];
  /** Reads from the body of a 429 how many seconds to wait. */
  readonly waitSecondsIn?: (body: unknown) => unknown;
}

/** Sends messages as POST requests with JSON. What it says of failures never holds the address. */
export class HttpSender implements ChannelSender {
  readonly channel: string;
  readonly #settings: HttpChannel;
  readonly #timeoutMs: number;

  constructor(settings: HttpChannel, timeoutMs: number = LIMITS.sendTimeoutMs) {
    this.channel = settings.channel;
    this.#settings = settings;
    this.#timeoutMs = timeoutMs;
  }

  async send(alerts: readonly ToldAlert[], signal: AbortSignal): Promise<SendFailure | undefined> {
    const late = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await untraced(() => this.#post(alerts, AbortSignal.any([signal, late])));
    } catch (error) {
      const why = late.aborted
        ? `no answer within ${this.#timeoutMs / 1_000} s`
        : `it cannot be reached (${reasonOf(error)})`;
      return { why, of: 'channel' };
    }
  }

  async #post(alerts: readonly ToldAlert[], signal: AbortSignal): Promise<SendFailure | undefined> {
    const { url, body, refusals } = this.#settings;
    const response = await fetch(url.reveal(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: body(alerts),
      redirect: 'manual',
      signal,
    });
    const { status } = response;
    if (status === 429) return this.#toldToWait(response);
    await response.body?.cancel();
    if (response.ok) return undefined;
    return {
      why: `it answers HTTP ${status}`,
      of: refusals.includes(status) ? 'message' : 'channel',
    };
  }

  async #toldToWait(response: Response): Promise<SendFailure> {
    const body: unknown = await response.json().catch(() => undefined);
    const told = this.#settings.waitSecondsIn?.(body) ?? response.headers.get('retry-after');
    const seconds = Number(told);
    const waits = told !== null && Number.isFinite(seconds) && seconds > 0;
    const waitUs = Math.ceil(Math.min(seconds, LIMITS.channelWaitSecondsMax) * US_PER_SECOND);
    return {
      why: 'it answers HTTP 429: too many messages',
      of: 'channel',
      ...(waits ? { waitUs } : {}),
    };
  }
}

/** Returns the code of a failed connection; the words of errors may hold the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  if (typeof cause !== 'object' || cause === null) return 'it failed';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return 'name' in cause && cause.name === 'AbortError' ? 'given up' : 'it failed';
}
