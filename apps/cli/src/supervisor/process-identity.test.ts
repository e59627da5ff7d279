import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isSameProcess, processIdentity, sendSignal, startTimeIn } from './process-identity.ts';

test('knows a process from its birth to its end', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)']);
  const exited = once(child, 'exit');
  const identity = processIdentity(child.pid ?? 0);
  expect(identity).toBeDefined();
  if (identity === undefined) return;
  expect(isSameProcess(identity)).toBe(true);
  expect(sendSignal(identity.pid, 'SIGKILL')).toBe(true);
  await exited;
  expect(isSameProcess(identity)).toBe(false);
  expect(sendSignal(identity.pid, 'SIGKILL')).toBe(false);
});

test('does not take another process of the same pid for it', () => {
  expect(isSameProcess({ pid: process.pid, startTime: 'long ago' })).toBe(false);
});

test('reads the start time behind a name with spaces and brackets', () => {
  const rest = Array.from({ length: 40 }, (_, index) => String(index)).join(' ');
  expect(startTimeIn(`12 (a) b (c) S ${rest}`)).toBe('18');
  expect(startTimeIn(`12 (a) Z ${rest}`)).toBeUndefined();
});
