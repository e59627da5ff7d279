import { getCalendar } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import { MemoryLog } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { ClusterFeed } from './cluster-feed.ts';
import { readPolygonKey } from './settings.ts';

/** A cluster that takes any key and channel, and says what it is told to. */
async function newCluster() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    const say = (...all: readonly object[]) => socket.send(JSON.stringify(all));
    const status = (status: string, message = '') => ({ ev: 'status', status, message });
    say(status('connected'));
    socket.on('message', (text) => {
      const { action, params } = JSON.parse(String(text)) as Readonly<Record<string, string>>;
      if (action === 'auth') return say(status('auth_success'));
      say(status('success', `subscribed to: ${params}`));
    });
  });
  const { port } = server.address() as { readonly port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    say: (messages: readonly object[]) => {
      for (const socket of server.clients) socket.send(JSON.stringify(messages));
    },
    close: () => server.close(),
  };
}

const minute = { ev: 'AM', sym: 'QQQ', s: 1_767_713_400_000, o: 1, h: 2, l: 1, c: 2, v: 5 };

it.each(['AM', 'A'])(
  'goes on past a quote that cannot be read, and takes itself up anew after a bar (%s), which would be missed',
  async (ev) => {
    const unreadable = [{ ev: 'Q', sym: 'QQQ', bp: 1 }, minute, { ...minute, ev, o: 'none' }];
    const cluster = await newCluster();
    const clock = {
      nowUs: () => timeUs(1_767_713_460_000_000),
      monotonicMs: () => 0,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
    };
    const told: string[] = [];
    const lost = Promise.withResolvers<string>();
    const feed = new ClusterFeed(
      { clock, log: new MemoryLog(), calendar: getCalendar('XNYS') },
      { cluster: 'stocks', url: cluster.url, key: readPolygonKey({ POLYGON_API_KEY: 'key' }) },
      {
        event: ({ kind }) => told.push(kind),
        state: (isConnected, reason) =>
          isConnected ? told.push('connected') : lost.resolve(reason),
        failed: (error) => lost.reject(error),
      },
    );
    await feed.want(new Set(['AM.QQQ', 'Q.QQQ']));
    cluster.say(unreadable);
    expect(await lost.promise).toBe('stocks: a bar cannot be read');
    expect(told).toEqual(['connected', 'bar']);
    feed.close();
    cluster.close();
  },
);
