import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Interrupts } from './interrupts.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
/** Thinks about each bar for so long that nobody waits for its end. */
const SLOW = `import { defineStrategy } from '@capstan/strategy';
export default defineStrategy({
  name: 'slow', title: 'Slow', description: 'Thinks.', params: {}, indicators: () => ({}), initialState: null,
  decide: () => {
    let sum = 0;
    for (let step = 0; step < 200_000; step += 1) sum += step % 7;
    return sum < 0 ? { direction: 'long', strength: 1, reason: 'never' } : undefined;
  },
});
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-stop-'));
  await writeFile(join(folder, 'slow.ts'), SLOW);
  await writeFile(
    join(folder, 'run.yaml'),
    'provider: synthetic\nsymbols: [AAA, BBB, CCC]\nsessions: 20\ntimeframe: 1m\nstrategy: ./slow.ts\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a run and waits until it has its bars. */
async function started(output: string) {
  const args = [MAIN, 'backtest', '--config', 'run.yaml', '--output-dir', output];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  const hasBars = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.includes('generated bars')) resolve();
    });
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([hasBars, ended]);
  return { child, ended, told: () => told };
}

it('Ctrl-C leaves a single run with a word, 130, and nothing of it', async () => {
  const { child, ended, told } = await started('out');
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(told()).toContain('stopped: nothing was kept.');
  expect(existsSync(join(folder, 'out'))).toBe(false);
}, 60_000);

it("hears one Ctrl-C alone: the next is the system's, which ends the process at once", () => {
  const before = process.listenerCount('SIGINT');
  const interrupts = new Interrupts();
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  expect(interrupts.signal.aborted).toBe(false);
  process.emit('SIGINT');
  expect(interrupts.signal.aborted).toBe(true);
  expect(process.listenerCount('SIGINT')).toBe(before);
});

it('hears none any more once what ran is over', () => {
  const before = process.listenerCount('SIGINT');
  const interrupts = new Interrupts();
  interrupts.end();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
