import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { stopOrphans } from './orphans.ts';
import { isSameProcess, processIdentity } from './process-identity.ts';
import type { RecordedProcess } from './run-file.ts';

const WAITS = { byItselfMs: 100, afterTermMs: 300 };
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function orphan(name: string, script: string): Promise<RecordedProcess> {
  const child = spawn(process.execPath, [
    '-e',
    `${script}; console.log('up'); setInterval(() => {}, 1e9)`,
  ]);
  children.push(child);
  await once(child.stdout, 'data');
  const identity = processIdentity(child.pid ?? 0);
  if (identity === undefined) throw new Error('the orphan has ended');
  return { name, ...identity };
}

test('asks, then kills what a dead supervisor left', async () => {
  const polite = await orphan('polite', '');
  const deaf = await orphan('deaf', "process.on('SIGTERM', () => {})");
  expect(await stopOrphans([polite, deaf], WAITS)).toEqual([polite, deaf]);
  expect([polite, deaf].some(isSameProcess)).toBe(false);
});

test('leaves a process alone that only has the pid of one', async () => {
  const innocent = await orphan('innocent', '');
  expect(await stopOrphans([{ ...innocent, startTime: 'long ago' }], WAITS)).toEqual([]);
  expect(isSameProcess(innocent)).toBe(true);
});
