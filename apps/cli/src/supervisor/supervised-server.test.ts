import type { ServerExit } from '@capstan/embedded';
import { waitUntil } from '@capstan/embedded';
import { expect, test } from 'vitest';
import { type RunningServer, SupervisedServer } from './supervised-server.ts';

interface FakeServer extends RunningServer {
  die(): void;
}

function fakeServer(port: number): FakeServer {
  const exited = Promise.withResolvers<ServerExit>();
  const end = (expected: boolean): Promise<ServerExit> => {
    exited.resolve({ code: undefined, signal: 'SIGKILL', expected });
    return exited.promise;
  };
  // A pid that no process can have: signals to it reach nobody.
  return {
    port,
    pid: 2 ** 30,
    exited: exited.promise,
    stop: () => end(true),
    die: () => void end(false),
  };
}

function world(failures = 0) {
  const launched: { asked: number | undefined; server: FakeServer }[] = [];
  const events: string[] = [];
  let left = failures;
  const server = new SupervisedServer(
    'postgres',
    async (asked) => {
      if (launched.length > 0 && left > 0) {
        left -= 1;
        throw new Error('still locked');
      }
      const made = fakeServer(asked ?? 5_000);
      launched.push({ asked, server: made });
      return made;
    },
    {
      onChange: () => undefined,
      onEvent: (level, _name, text) => void events.push(`${level} ${text}`),
    },
  );
  return { server, launched, events };
}

test('comes back on the same port after it died, also when the first try fails', async () => {
  const { server, launched, events } = world(1);
  await server.start();
  expect(server.status).toMatchObject({ name: 'postgres', state: 'ready', restarts: 0 });
  launched[0]?.server.die();
  expect(await waitUntil(() => launched.length === 2, 5_000)).toBe(true);
  expect(await waitUntil(() => server.status.state === 'ready', 5_000)).toBe(true);
  expect(launched.map(({ asked }) => asked)).toEqual([undefined, 5_000]);
  expect(server.status.restarts).toBe(2);
  expect(events).toEqual([
    'error ended (SIGKILL). Starting it again in 250 ms.',
    'error cannot be started: still locked',
    'info runs again on port 5000',
  ]);
  await server.stop();
  expect(await waitUntil(() => server.status.state === 'stopped', 1_000)).toBe(true);
});

test('a stop while it waits to be started again is the end', async () => {
  const { server, launched } = world();
  await server.start();
  launched[0]?.server.die();
  expect(await waitUntil(() => server.status.state === 'waiting', 1_000)).toBe(true);
  await server.stop();
  expect(server.status).toMatchObject({ state: 'stopped', pid: undefined });
  expect(launched).toHaveLength(1);
});

test('passes on why it could not be started at first', async () => {
  const server = new SupervisedServer(
    'nats',
    async () => {
      throw new Error('the port is taken');
    },
    { onChange: () => undefined, onEvent: () => undefined },
  );
  await expect(server.start()).rejects.toThrow('the port is taken');
  expect(server.status.state).toBe('failed');
  await server.stop();
});
