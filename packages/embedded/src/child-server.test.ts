import { expect, test } from 'vitest';
import { type ChildServerPlan, startChildServer } from './child-server.ts';
import { isAlive } from './process-alive.ts';

const plan = (script: string): ChildServerPlan => ({
  name: 'The server',
  binary: '/bin/sh',
  args: ['-c', script],
  cwd: '/',
  readyText: 'ready now',
  stopSignals: ['SIGINT', 'SIGTERM'],
});

const deaf = (ignored: string): string =>
  `trap '' ${ignored}; echo ready now >&2; while :; do sleep 0.05; done`;

test('stops with the graceful signal first', async () => {
  const server = await startChildServer(
    plan("trap 'exit 3' INT; echo ready now >&2; while :; do sleep 0.05; done"),
  );
  expect(await server.stop()).toEqual({ code: 3, signal: undefined, expected: true });
  expect(isAlive(server.pid)).toBe(false);
});

test('stops a server that ignores the graceful signal', async () => {
  const server = await startChildServer({ ...plan(deaf('INT')), stopWaitsMs: [50, 5_000] });
  expect(await server.stop()).toMatchObject({ signal: 'SIGTERM', expected: true });
});

test('kills a server that ignores every request', async () => {
  const server = await startChildServer({ ...plan(deaf('INT TERM')), stopWaitsMs: [50, 50] });
  expect(await server.stop()).toMatchObject({ signal: 'SIGKILL', expected: true });
});

test('quotes the last words of a server that ends too early', async () => {
  await expect(startChildServer(plan('echo no disk >&2; exit 4'))).rejects.toMatchObject({
    code: 'EMBEDDED.START_FAILED',
    why: expect.stringMatching(/ended with code 4 before it was ready.*no disk/s),
  });
});

test('gives up on a server that never becomes ready', async () => {
  const silent = { ...plan('exec sleep 60'), startTimeoutMs: 50 };
  await expect(startChildServer(silent)).rejects.toThrow('was not ready in time');
});

test('says so when the program cannot be run', async () => {
  const absent = { ...plan(''), binary: '/no/such/program' };
  await expect(startChildServer(absent)).rejects.toThrow('could not be run');
});
