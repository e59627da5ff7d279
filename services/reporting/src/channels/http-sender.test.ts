import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ToldAlert } from '@capstan/alerts';
import { timeUs } from '@capstan/domain';
import { type AlertChannelConfig, alertsSection, createLogger, Secret } from '@capstan/runtime';
import { afterEach, describe, expect, it, test } from 'vitest';
import { HttpSender } from './http-sender.ts';
import { openChannels } from './open-channels.ts';

const ALERT: ToldAlert = {
  kind: 'kill',
  level: 'critical',
  key: 'kill/paper',
  title: 'paper: hard kill switch thrown by ann',
  text: 'News.',
  atUs: timeUs(0),
  sequence: 3,
  count: 1,
};
const SECRET = 'T0/B0/verysecret';
const never = new AbortController().signal;

interface Received {
  readonly path: string | undefined;
  readonly body: unknown;
}

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
});

/** Starts a server that writes down what it is sent. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      received.push({ path: request.url, body: JSON.parse(text) });
      answer(request, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { received, url: `http://127.0.0.1:${port}` };
}

const status =
  (code: number, headers: Record<string, string> = {}, body = '') =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(code, headers).end(body);

function open(channel: Record<string, unknown>, secret: string) {
  const { channels } = alertsSection.parse({ channels: [{ name: 'ops', ...channel }] });
  const [sender] = openChannels(channels as AlertChannelConfig[], { runId: 'demo' }, { S: secret });
  if (sender === undefined) throw new Error('no channel');
  return sender;
}

describe('a message', () => {
  it('reaches a webhook as the alerts themselves', async () => {
    const { received, url } = await listen(status(204));
    const sender = open({ kind: 'webhook', url: { env: 'S' } }, `${url}/hook?key=1`);
    expect(await sender.send([ALERT], never)).toBeUndefined();
    expect(received).toEqual([
      { path: '/hook?key=1', body: { source: 'capstan', runId: 'demo', alerts: [ALERT] } },
    ]);
  });

  it('reaches Slack as text', async () => {
    const { received, url } = await listen(status(200, {}, 'ok'));
    const sender = open({ kind: 'slack', url: { env: 'S' } }, `${url}/services/${SECRET}`);
    expect(await sender.send([ALERT], never)).toBeUndefined();
    expect(received).toMatchObject([
      {
        path: `/services/${SECRET}`,
        body: { text: '[critical] Capstan demo: paper: hard kill switch thrown by ann\nNews.' },
      },
    ]);
  });

  it('reaches a chat by the Bot API', async () => {
    const { received, url } = await listen(status(200, {}, '{"ok":true}'));
    const telegram = { kind: 'telegram', token: { env: 'S' }, chat: -42, apiUrl: url };
    expect(await open(telegram, '7:verysecret').send([ALERT], never)).toBeUndefined();
    expect(received).toMatchObject([
      { path: '/bot7:verysecret/sendMessage', body: { chat_id: '-42' } },
    ]);
  });
});

describe('a failure', () => {
  test.each([
    ['webhook', 400, 'message'],
    ['webhook', 404, 'channel'],
    ['webhook', 302, 'channel'],
    ['webhook', 500, 'channel'],
    ['slack', 403, 'channel'],
    ['slack', 413, 'message'],
  ])('of a %s that answers %d is of the %s', async (kind, code, of) => {
    const { url } = await listen(status(code, { location: 'http://127.0.0.1:1/' }));
    const sender = open({ kind, url: { env: 'S' } }, `${url}/${SECRET}`);
    expect(await sender.send([ALERT], never)).toEqual({ why: `it answers HTTP ${code}`, of });
  });

  it('of a Telegram chat that is not there is not the message’s', async () => {
    const { url } = await listen(status(400, {}, '{"ok":false}'));
    const telegram = { kind: 'telegram', token: { env: 'S' }, chat: 'nobody', apiUrl: url };
    expect(await open(telegram, '7:verysecret').send([ALERT], never)).toMatchObject({
      of: 'channel',
    });
  });

  it('says how long the channel wants to be left alone, an hour at the most', async () => {
    const waits = async (seconds: string) => {
      const { url } = await listen(status(429, { 'retry-after': seconds }));
      return open({ kind: 'slack', url: { env: 'S' } }, url).send([ALERT], never);
    };
    expect(await waits('30')).toMatchObject({ of: 'channel', waitUs: 30_000_000 });
    expect(await waits('86400')).toMatchObject({ waitUs: 3_600_000_000 });
    expect(await waits('Wed, 21 Oct')).not.toHaveProperty('waitUs');
    const { url } = await listen(status(429, {}, '{"parameters":{"retry_after":7}}'));
    const telegram = { kind: 'telegram', token: { env: 'S' }, chat: '1', apiUrl: url };
    expect(await open(telegram, 'x:y').send([ALERT], never)).toMatchObject({ waitUs: 7_000_000 });
  });

  it('of a server that hangs comes in a bounded time, or when it is given up', async () => {
    const { url } = await listen(() => undefined);
    const settings = { channel: 'ops', url: new Secret(url), body: () => '{}', refusals: [] };
    expect(await new HttpSender(settings, 50).send([ALERT], never)).toEqual({
      why: 'no answer within 0.05 s',
      of: 'channel',
    });
    const given = AbortSignal.abort();
    expect(await new HttpSender(settings).send([ALERT], given)).toMatchObject({ of: 'channel' });
  });

  it('never shows the secret, neither in what it says nor in a log', async () => {
    const lines: string[] = [];
    const log = createLogger({
      service: 'reporting',
      level: 'debug',
      format: 'json',
      write: (line: string) => void lines.push(line),
    });
    const addresses = [
      `http://127.0.0.1:1/${SECRET}`,
      `http://user:verysecret@127.0.0.1:1/`,
      `http://127.0.0.1:99999/${SECRET}`,
      `ftp://x/${SECRET}`,
      `not an address ${SECRET}`,
    ];
    const said: unknown[] = [];
    for (const address of addresses) {
      try {
        const sender = open({ kind: 'slack', url: { env: 'S' } }, address);
        const failure = await sender.send([ALERT], never);
        said.push(failure?.why ?? 'sent', sender);
      } catch (error) {
        said.push(error, String(error));
      }
    }
    log.warn('channel', { said });
    expect(said.filter((one) => typeof one === 'string')).toHaveLength(addresses.length);
    expect(`${JSON.stringify(said)} ${said.map(String).join(' ')} ${lines.join('')}`).not.toContain(
      'verysecret',
    );
    expect(lines).toHaveLength(1);
  });
});
