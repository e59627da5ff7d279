import {
  createServer,
  get,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openGateway, T } from '../gateway.fixture.ts';
import { LIMITS } from '../limits.ts';
import { frameOf, Viewer } from '../live/viewer.ts';
import { stream } from './event-stream.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const request = (url: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => get(url, resolve).on('error', reject));

async function readUntil(
  response: AsyncIterable<Buffer | string>,
  wanted: string,
): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.includes(wanted)) break;
  }
  return text;
}

test('a viewer with a token in the address is greeted as who it is', async () => {
  const { app } = await openGateway({ localOperator: false });
  const url = await serve((incoming, response) => app.routing(incoming, response));
  const response = await request(`${url}/api/events?token=look-token`);
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const text = await readUntil(response, 'hello');
  expect(text).toContain('retry: 1000\n\n');
  const hello = /^event: hello\ndata: (.*)$/m.exec(text)?.[1] ?? '';
  const who = { actor: 'vera', role: 'viewer' };
  expect(JSON.parse(hello)).toEqual({ ...who, runId: 'live', version: '0.1.0', nowUs: T });
  await app.close();
});

test('sends frames as they come, and ends when the viewer is let go', async () => {
  const viewer = new Viewer();
  const url = await serve((_, response) => void stream(response, viewer, {}));
  const response = await request(url);
  viewer.push(frameOf({ name: 'bar', data: '[]' }));
  viewer.close();
  let text = '';
  for await (const chunk of response) text += String(chunk);
  expect(text).toBe('retry: 1000\n\nevent: bar\ndata: []\n\n');
});

test('a reader that does not read is held in bounds and told to read anew in the end', async () => {
  const viewer = new Viewer();
  const streams: Promise<void>[] = [];
  const url = await serve((_, response) => {
    streams.push(stream(response, viewer, {}));
  });
  const response = await request(url);
  response.pause();
  const frame = frameOf({ name: 'bar', data: 'x'.repeat(65_536) });
  let pushed = 0;
  while (viewer.push(frame)) {
    pushed += 1;
    await new Promise((resolve) => setImmediate(resolve));
    expect(pushed).toBeLessThan(5_000);
  }
  let text = '';
  for await (const chunk of response) text += String(chunk);
  await Promise.all(streams);
  expect(text.endsWith('event: resync\ndata: {"why":"this viewer did not keep up"}\n\n')).toBe(
    true,
  );
  expect(text.length).toBeLessThan(pushed * frame.length + 1_000);
  expect(pushed * frame.length).toBeGreaterThan(LIMITS.viewerCharactersMax);
});

test('lets go of a reader that has left', async () => {
  const viewer = new Viewer();
  let ended: Promise<void> | undefined;
  const url = await serve((_, response) => {
    ended = stream(response, viewer, {});
  });
  const response = await request(url);
  response.destroy();
  await ended;
  expect(viewer.push('more')).toBe(false);
});
