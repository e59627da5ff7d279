import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SIZING_KINDS } from '@capstan/domain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRunFile } from './config/read-run.ts';
import { runSchemaText } from './config/run-schema.ts';
import { writeRun } from './directory/write-run.ts';
import { checkConfig, prepareRun } from './run/prepare.ts';
import { Runner } from './run/run-one.ts';
import { writeSweep } from './sweep/write-sweep.ts';
import { type TestFolder, testFolder } from './test-run-folder.ts';

const CONFIGS = join(import.meta.dirname, '../../../configs');
const SAMPLES = [
  'daily-with-actions',
  'market-filter',
  'own-strategy',
  'portfolio',
  'single',
  'sizing-atr-risk',
  'sizing-fixed-notional',
  'sizing-fixed-quantity',
  'sizing-volatility-target',
  'sweep',
];

/** Samples over bars that are fetched first: read, and not run. */
const OVER_FETCHED = ['alpaca'];

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

it('has a test for every sample', async () => {
  const files = (await readdir(CONFIGS)).filter((name) => /^(?!fetch).*\.yaml$/.test(name));
  expect(files.map((name) => basename(name, '.yaml')).sort()).toEqual(
    [...SAMPLES, ...OVER_FETCHED].sort(),
  );
});

it.each(SAMPLES)('runs the sample %s, which trades', async (name) => {
  const file = join(CONFIGS, `${name}.yaml`);
  const text = await readFile(file, 'utf8');
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/run\.schema\.json\n/);
  const checked = await checkConfig({ file });
  const prepared = await prepareRun(checked, checked.grid.isSweep);
  const common = { prepared, outputDir: folder.path, startedAt: new Date(0), threads: 2 };
  if (checked.grid.isSweep) {
    const { outcome, path } = await writeSweep({ ...common, elapsedMs: () => 0 });
    expect(outcome).toMatchObject({ complete: true, failed: 0 });
    expect((await stat(join(path, 'metrics.csv'))).size).toBeGreaterThan(1_000);
    return;
  }
  const { config, strategy, data, first } = prepared;
  const outcome = new Runner({ run: config.run, strategy, ...data }).run(first);
  expect(outcome.trips.closed.count).toBeGreaterThan(1);
  const path = await writeRun({ ...common, outcome, durationMs: 0 });
  expect((await stat(join(path, 'trades.csv'))).size).toBeGreaterThan(100);
});

it.each(OVER_FETCHED)('reads the sample %s', (name) => {
  const { run } = readRunFile({ file: join(CONFIGS, `${name}.yaml`) });
  expect(run.provider).toBe('lake');
});

it('shows every kind of sizing', async () => {
  const kinds = new Set<string>();
  for (const name of SAMPLES) {
    const { config } = await checkConfig({ file: join(CONFIGS, `${name}.yaml`) });
    kinds.add(config.run.sizing.kind);
  }
  expect([...kinds].sort()).toEqual([...SIZING_KINDS].sort());
});

it('has a schema for editors that is what the code checks by', async () => {
  const kept = await readFile(join(CONFIGS, 'run.schema.json'), 'utf8');
  expect(JSON.parse(kept), 'npm run write-schema -w packages/backtest').toEqual(
    JSON.parse(runSchemaText()),
  );
});

it('describes every key of the schema', () => {
  const undescribed: string[] = [];
  const look = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(
      Object.getOwnPropertyDescriptor(node, 'properties')?.value ?? {},
    )) {
      const has = typeof child === 'object' && child !== null && 'description' in child;
      if (!has) undescribed.push(`${path}.${key}`);
    }
    for (const [key, child] of Object.entries(node)) look(child, `${path}.${key}`);
  };
  look(JSON.parse(runSchemaText()), '');
  expect(undescribed).toEqual([]);
});
