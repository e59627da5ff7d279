import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride } from '../config/config-source.ts';
import { writeRun } from '../directory/write-run.ts';
import { describeRun } from '../run/describe-run.ts';
import { checkConfig, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { writeSweep } from '../sweep/write-sweep.ts';
import { dailyCsv, type TestFolder, testFolder } from '../test-run-folder.ts';
import { compareRuns, keyDifferences } from './compare-runs.ts';
import { reproduceRun } from './reproduce-run.ts';

const DAYS = Array.from({ length: 60 }, (_, day) => new Date(Date.UTC(2024, 0, 2 + day)))
  .filter((day) => ![0, 6].includes(day.getUTCDay()))
  .map((day) => day.toISOString().slice(0, 10))
  .filter((day) => !['2024-01-15', '2024-02-19'].includes(day));

let folder: TestFolder;
/** Two runs that differ in their commission. */
let a = '';
let b = '';
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('bars.csv', dailyCsv(DAYS));
  await folder.file(
    'run.yaml',
    'provider: files\npath: bars.csv\nsymbol: DDD\ntimeframe: 1d\nstrategy: ma-cross\nparams: { fast: 1, slow: 3 }\n',
  );
  a = await writtenRun();
  b = await writtenRun('commission={ kind: perOrder, fee: 1 }');
});
afterAll(() => folder.remove());

async function preparedRun(overrides: readonly string[], shared = false) {
  const checked = await checkConfig({
    file: join(folder.path, 'run.yaml'),
    overrides: overrides.map((text) => parseOverride(text)),
  });
  return prepareRun(checked, shared);
}

async function writtenRun(...overrides: readonly string[]): Promise<string> {
  const prepared = await preparedRun(overrides);
  const { config, strategy, data, first } = prepared;
  const outcome = new Runner({ run: config.run, strategy, ...data }).run(first);
  const outputDir = join(folder.path, 'runs');
  const circumstances = { startedAt: new Date(0), durationMs: 0, threads: 1 };
  return writeRun({ prepared, outcome, outputDir, ...circumstances });
}

describe('two runs side by side', () => {
  it('are alike where they are the same run', async () => {
    const comparison = await compareRuns(a, await writtenRun());
    expect(comparison).toMatchObject({
      sameDigest: true,
      sameData: true,
      config: [],
      orders: [],
      fills: [],
      trades: { first: [] },
    });
    expect(comparison.trades.countA).toBeGreaterThan(2);
  });

  it('show the keys, the metrics, and the first fill and trade that differ', async () => {
    const { sameDigest, sameData, config, metrics, fills, trades } = await compareRuns(a, b);
    expect([sameDigest, sameData]).toEqual([false, true]);
    expect(config).toEqual([
      { key: 'commission.fee', a: undefined, b: 1 },
      { key: 'commission.kind', a: 'none', b: 'perOrder' },
    ]);
    const costs = metrics.find(({ key }) => key === 'costs');
    expect(costs).toEqual({ key: 'costs', a: 0, b: expect.any(Number) });
    expect(costs?.b).toBeGreaterThan(0);
    expect(fills[0]?.a).toMatchObject({ fill: '0', fee_micros: '0' });
    expect(fills[0]?.b).toMatchObject({ fill: '0', fee_micros: '1000000' });
    expect(trades.first[0]?.a).toMatchObject({ trade: '1', fees: '0.00' });
  });

  it('of sweeps show the first lines that differ', async () => {
    const sweep = async (fast: string, name: string) =>
      writeSweep({
        prepared: await preparedRun([`params={ fast: ${fast}, slow: 5 }`, 'metrics.keep=0'], true),
        outputDir: join(folder.path, name),
        threads: 1,
        startedAt: new Date(0),
        elapsedMs: () => 0,
      });
    const [one, other] = [await sweep('[1, 2]', 'one'), await sweep('[1, 3]', 'other')];
    const { combinations } = await compareRuns(one.path, other.path);
    expect(combinations).toHaveLength(1);
    expect(combinations[0]?.a).toMatch(/^1,2,5,/);
    expect((await reproduceRun(one.path, { threads: 2 })).same).toBe(true);
  });

  it('need run directories', async () => {
    await expect(compareRuns(a, folder.path)).rejects.toThrow(
      /is no run directory: it has no run\.json/,
    );
  });
});

describe('running again', () => {
  it('comes out the same', async () => {
    const { same, digest, orders, fills } = await reproduceRun(a, { threads: 1 });
    expect({ same, orders, fills }).toEqual({ same: true, orders: [], fills: [] });
    expect(digest.now).toBe(digest.stored);
  });

  it('says what differs where the bars have changed', async () => {
    const path = join(folder.path, 'bars.csv');
    const bars = await readFile(path, 'utf8');
    // The last but ten bars double, so that the first fill after it has another price.
    const lines = bars.split('\n');
    const changed = lines.map((line, row) =>
      row < lines.length - 10
        ? line
        : line.replace(/,(\d+),(\d+),(\d+),(\d+),1000$/, ',200,210,190,205,1000'),
    );
    await writeFile(path, changed.join('\n'));
    const found = await reproduceRun(a, { threads: 1 });
    await writeFile(path, bars);
    expect(found.same).toBe(false);
    expect(found.dataFingerprint.now).not.toBe(found.dataFingerprint.stored);
    expect(found.configHash.now).toBe(found.configHash.stored);
    expect(found.orders.length + found.fills.length).toBeGreaterThan(0);
  });

  it('refuses a directory whose statement is of another format', async () => {
    const copy = await writtenRun();
    const file = join(copy, 'run.json');
    await chmod(file, 0o644);
    await writeFile(file, '{"format":"capstan-run/9"}');
    await expect(reproduceRun(copy, { threads: 1 })).rejects.toThrow(/the format "capstan-run\/9"/);
    await writeFile(file, '{');
    await expect(reproduceRun(copy, { threads: 1 })).rejects.toThrow(/run\.json is no JSON/);
  });
});

it('compares configurations key by key', () => {
  expect(keyDifferences({ a: 1, b: { c: [1], d: 2 } }, { b: { c: [2], d: 2 }, e: 3 })).toEqual([
    { key: 'a', a: 1, b: undefined },
    { key: 'b.c', a: [1], b: [2] },
    { key: 'e', a: undefined, b: 3 },
  ]);
});

it('describes what would run, on what, and for how long', async () => {
  const description = describeRun(await preparedRun(['params={ fast: [1, 2, 3], slow: 5 }']), 4);
  expect(description).toMatchObject({
    combinations: 3,
    axes: [{ name: 'fast', length: 3 }],
    symbols: [{ symbol: 'DDD', bars: DAYS.length, actions: 0, calendar: 'XNYS' }],
    threads: 4,
  });
  expect(description.plan.why).not.toBe('');
  expect(description.seconds).toBeGreaterThan(0);
});
