import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToldAlert } from '@capstan/alerts';
import { timeUs } from '@capstan/domain';
import { type AlertChannelConfig, alertsSection, createLogger, Secret } from '@capstan/runtime';
import { type LoopbackCertificate, loopbackCertificate } from '@capstan/testkit';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { MailSender } from './mail-sender.ts';
import { openChannels } from './open-channels.ts';

const PASSWORD = 'verysecret';
const LOGIN = { user: 'capstan', password: { env: 'S' } };
const ALERT: ToldAlert = {
  kind: 'kill',
  level: 'critical',
  key: 'kill/paper',
  title: 'paper: hard kill switch thrown by ann\r\nBcc: eve@example.com',
  text: 'News — of a kill.',
  atUs: timeUs(7),
  sequence: 3,
  count: 1,
};
const never = new AbortController().signal;

let certificate: LoopbackCertificate;
beforeAll(() => {
  certificate = loopbackCertificate();
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Delivered {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: unknown;
  readonly secure: boolean;
  readonly text: string;
}

/** Starts a mail server that knows one user and keeps what it is given. */
async function serve(options: SMTPServerOptions = {}) {
  const delivered: Delivered[] = [];
  const server = new SMTPServer({
    ...certificate,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === LOGIN.user && password === PASSWORD
        ? done(null, { user: username })
        : done(new Error(`${password} is not the password of ${username}`)),
    onData: (stream, { envelope, user, secure }, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : (envelope.mailFrom?.address ?? '');
        const to = envelope.rcptTo.map(({ address }) => address);
        delivered.push({ from, to, user, secure, text });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { delivered, port: portOf(server.server) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
  return address.port;
}

function trusted(): string {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-mail-'));
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, certificate.cert);
  return file;
}

function open(port: number, more: Record<string, unknown> = {}, password = PASSWORD) {
  const server = { name: 'ops', kind: 'email', host: '127.0.0.1', port, ...more };
  const addresses = { from: 'capstan@example.com', to: 'ops@example.com' };
  const { channels } = alertsSection.parse({ channels: [{ ...addresses, ...server }] });
  const opened = openChannels(
    channels as AlertChannelConfig[],
    { runId: 'demo' },
    { S: password },
  ).at(0);
  if (opened === undefined) throw new Error('no channel');
  return opened;
}

describe('a message', () => {
  test.each([
    ['starttls', { secure: false }],
    ['implicit', { secure: true }],
  ])('reaches people over %s with a login', async (tls, options) => {
    const { delivered, port } = await serve(options);
    const sender = open(port, { tls, caFile: trusted(), ...LOGIN });
    expect(await sender.send([ALERT], never)).toBeUndefined();
    expect(delivered).toMatchObject([
      { from: 'capstan@example.com', to: ['ops@example.com'], user: LOGIN.user, secure: true },
    ]);
    const { text } = delivered[0] as Delivered;
    expect(text).toMatch(/^Subject: \[critical\] Capstan demo: paper: hard kill switch thrown by/m);
    expect(text).toMatch(/^From: Capstan <capstan@example.com>\r$/m);
    expect(text).toMatch(/^Message-ID: <capstan-3\.7@example.com>\r$/m);
    expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(text).toContain('News =E2=80=94 of a kill.');
  });

  it('makes no header of what an alert says', async () => {
    const { delivered, port } = await serve({ authOptional: true });
    expect(await open(port, { tls: 'none' }).send([ALERT], never)).toBeUndefined();
    const { to, text } = delivered[0] as Delivered;
    expect(to).toEqual(['ops@example.com']);
    expect(text).not.toMatch(/^Bcc:/m);
  });

  it('that comes twice has one name, and one with more alerts another', async () => {
    const { delivered, port } = await serve({ authOptional: true });
    const sender = open(port, { tls: 'none' });
    const later = { ...ALERT, sequence: 4 };
    for (const alerts of [[ALERT], [ALERT], [ALERT, later]]) await sender.send(alerts, never);
    const names = delivered.map(({ text }) => /^Message-ID: (.*)\r$/m.exec(text)?.[1]);
    expect(names).toEqual([
      '<capstan-3.7@example.com>',
      '<capstan-3.7@example.com>',
      '<capstan-3.7-4.7@example.com>',
    ]);
  });
});

describe('a failure', () => {
  it('of the login is the channel’s, and says nothing that the server says', async () => {
    const { delivered, port } = await serve();
    const sender = open(port, { caFile: trusted(), ...LOGIN }, 'wrong');
    expect(await sender.send([ALERT], never)).toEqual({
      why: 'the mail server refuses the login (it answers 535)',
      of: 'channel',
    });
    expect(delivered).toEqual([]);
  });

  it('of a server without a login is told: the message does not go without', async () => {
    const { delivered, port } = await serve({ authOptional: true, disabledCommands: ['AUTH'] });
    const sender = open(port, { caFile: trusted(), ...LOGIN });
    expect(await sender.send([ALERT], never)).toMatchObject({
      why: expect.stringContaining('refuses the login'),
    });
    expect(delivered).toEqual([]);
  });

  const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode });
  test.each([
    [
      'the sender',
      550,
      'channel',
      { onMailFrom: (_: unknown, __: unknown, done: Done) => done(refusal(550)) },
    ],
    [
      'the recipient',
      550,
      'channel',
      { onRcptTo: (_: unknown, __: unknown, done: Done) => done(refusal(550)) },
    ],
    ['the message', 554, 'message', { onData: dropped(() => refusal(554)) }],
    ['the message', 451, 'channel', { onData: dropped(() => refusal(451)) }],
  ])('of a server that refuses %s with %d is of the %s', async (part, code, of, options) => {
    const { port } = await serve({ authOptional: true, ...(options as SMTPServerOptions) });
    expect(await open(port, { tls: 'none' }).send([ALERT], never)).toEqual({
      why: `the mail server refuses ${part} (it answers ${code})`,
      of,
    });
  });

  it('of a server without TLS comes before anything is said to it', async () => {
    const { delivered, port } = await serve({ disabledCommands: ['STARTTLS'], authOptional: true });
    expect(await open(port, LOGIN).send([ALERT], never)).toMatchObject({
      why: expect.stringMatching(/^no secure connection to the mail server/),
      of: 'channel',
    });
    expect(delivered).toEqual([]);
  });

  it('of a certificate that nobody vouches for comes before the login', async () => {
    const asked: string[] = [];
    const { port } = await serve({
      onAuth: ({ username }, _session, done) => {
        asked.push(String(username));
        done(null, { user: username });
      },
    });
    expect(await open(port, LOGIN).send([ALERT], never)).toMatchObject({ of: 'channel' });
    expect(asked).toEqual([]);
  });

  it('of a server that hangs comes in a bounded time, or when it is given up', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });
    const { channels } = alertsSection.parse({
      channels: [
        {
          ...{ name: 'ops', kind: 'email', host: '127.0.0.1', port: portOf(silent) },
          ...{ from: 'a@b.c', to: 'd@e.f' },
        },
      ],
    });
    const [server] = channels;
    if (server?.kind !== 'email') throw new Error('no channel');
    const settings = { server, sender: { runId: 'demo' }, password: undefined };
    expect(await new MailSender(settings, 50).send([ALERT], never)).toEqual({
      why: 'no answer within 0.05 s',
      of: 'channel',
    });
    expect(await new MailSender(settings).send([ALERT], AbortSignal.abort())).toEqual({
      why: 'given up',
      of: 'channel',
    });
  });

  it('of a server that is not there names what the machine says', async () => {
    const { port } = await serve();
    await closers.splice(0)[0]?.();
    expect(await open(port).send([ALERT], never)).toEqual({
      why: 'the mail server cannot be reached (ECONNREFUSED)',
      of: 'channel',
    });
  });

  it('never shows the password, neither in what it says nor in a log', async () => {
    const lines: string[] = [];
    const log = createLogger({
      service: 'reporting',
      level: 'debug',
      format: 'json',
      write: (line: string) => void lines.push(line),
    });
    const { port } = await serve({
      onAuth: ({ password }, _, done) => done(new Error(String(password))),
    });
    const sender = open(port, { caFile: trusted(), ...LOGIN });
    const failure = await sender.send([ALERT], never);
    log.warn('channel', { failure, sender, password: new Secret(PASSWORD) });
    expect(failure?.why).toContain('refuses the login');
    expect(`${JSON.stringify([failure, sender])} ${lines.join('')}`).not.toContain(PASSWORD);
    expect(lines).toHaveLength(1);
  });
});

type Done = (error?: Error | null) => void;

/** Reads a message to its end and refuses it. */
function dropped(error: () => Error): NonNullable<SMTPServerOptions['onData']> {
  return (stream, _session, done) => {
    stream.on('end', () => done(error()));
    stream.resume();
  };
}

test('certificates that cannot be read are told with their channel', () => {
  expect(() => open(1, { caFile: '/nowhere/ca.pem' })).toThrow(
    'The file /nowhere/ca.pem, which caFile of the channel ops names, cannot be read.',
  );
});
