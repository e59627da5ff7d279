import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeRun } from '../directory/write-run.ts';
import { type TestFolder, testFolder } from '../test-run-folder.ts';
import { checkConfig, prepareRun } from './prepare.ts';
import { Runner } from './run-one.ts';
import { runWatched } from './run-watched.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

/** A run that is long enough to be looked up from. */
async function longRun() {
  const file = await folder.file(
    'long.yaml',
    'provider: synthetic\nsymbols: [AAA, BBB, CCC]\nsessions: 60\ntimeframe: 1m\nstrategy: rsi-reversion\n',
  );
  const prepared = await prepareRun(await checkConfig({ file }), false);
  const { config, strategy, data, first } = prepared;
  return { prepared, first, data, runner: new Runner({ run: config.run, strategy, ...data }) };
}

it('tells how far it is, and gives what a run in one piece gives', async () => {
  const { runner, first, data } = await longRun();
  const told: number[] = [];
  const outcome = await runWatched(runner, first, {
    data,
    lookUpMs: 0,
    onProgress: ({ done, count }) => told.push(done / count),
  });
  expect(outcome?.result.digest()).toBe(runner.run(first).result.digest());
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.every((share) => share >= 0 && share <= 1)).toBe(true);
});

it('is left within the run where it is stopped', async () => {
  const { runner, first, data } = await longRun();
  const stop = new AbortController();
  let told = 0;
  const outcome = await runWatched(runner, first, {
    ...{ data, signal: stop.signal, lookUpMs: 0 },
    onProgress: () => {
      told += 1;
      stop.abort();
    },
  });
  expect(outcome).toBeUndefined();
  expect(told).toBe(1);
});

it('leaves nothing where it is stopped while it is written, and keeps folders that were there', async () => {
  const { runner, prepared, first } = await longRun();
  const outcome = runner.run(first);
  const circumstances = { startedAt: new Date(0), durationMs: 0, threads: 1 };
  const signal = AbortSignal.abort();
  const write = (outputDir: string) =>
    writeRun({ prepared, outcome, outputDir, signal, ...circumstances });
  const fresh = join(folder.path, 'fresh');
  expect(await write(join(fresh, 'runs'))).toBeUndefined();
  await expect(access(fresh)).rejects.toThrow();
  const there = join(folder.path, 'there');
  await mkdir(there);
  expect(await write(there)).toBeUndefined();
  expect(await readdir(there)).toEqual([]);
  const other = join(there, 'rsi-reversion', 'other');
  await mkdir(other, { recursive: true });
  expect(await write(there)).toBeUndefined();
  expect(await readdir(join(there, 'rsi-reversion'))).toEqual(['other']);
});
