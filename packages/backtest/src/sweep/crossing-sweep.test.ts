import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CalendarBook } from '@capstan/calendar';
import { warmupRowsOf } from '@capstan/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride } from '../config/config-source.ts';
import { describeRun } from '../run/describe-run.ts';
import { checkConfig, type PreparedRun, prepareRun } from '../run/prepare.ts';
import { dailyCsv, SMALL_RUN, type TestFolder, testFolder } from '../test-run-folder.ts';
import { metricsFileHeader, runCombination } from './combination-row.ts';
import { CombinationRunner } from './combination-runner.ts';
import { writeSweep } from './write-sweep.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('run.yaml', SMALL_RUN);
  const [from, to] = [Date.UTC(2024, 0, 2), Date.UTC(2024, 5, 28)].map((ms) => ms * 1_000);
  const days = new CalendarBook().get('XNYS').sessions(from ?? 0, to ?? 0);
  await folder.file('daily.csv', dailyCsv(days.map(({ date }) => date)));
});
afterAll(() => folder.remove());

const SWEEP = [
  'symbols=[AAA]',
  'metrics.keep=0',
  'params={ fast: { from: 1, to: 6 }, slow: [4, 9, 20], entry: [level, cross] }',
];

async function prepare(...more: readonly string[]): Promise<PreparedRun> {
  const overrides = [...SWEEP, ...more].map((text) =>
    parseOverride(text.replace('path=', `path=${folder.path}/`)),
  );
  return prepareRun(await checkConfig({ file: join(folder.path, 'run.yaml'), overrides }), true);
}

const runnerOf = ({ config, strategy, data }: PreparedRun) =>
  new CombinationRunner({ run: config.run, strategy, ...data });

/** The table as single runs give it. */
function tableAlone(prepared: PreparedRun): string {
  const { strategy, grid } = prepared;
  const runner = runnerOf(prepared);
  const alone = { run: (params: Parameters<typeof runner.run>[0]) => runner.runAlone(params) };
  const lines = Array.from({ length: grid.count }, (_, index) => {
    return runCombination(alone, strategy, grid, index).line;
  });
  return `${[metricsFileHeader(strategy), ...lines].join('\n')}\n`;
}

async function tableOf(prepared: PreparedRun, threads: number): Promise<string> {
  const { path } = await writeSweep({
    ...{ prepared, threads, startedAt: new Date(0), elapsedMs: () => 0 },
    outputDir: join(folder.path, `of-${threads}-${Math.floor(performance.now())}`),
  });
  return readFile(join(path, 'metrics.csv'), 'utf8');
}

/** What users set, and what of it goes another way inside. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'fills at the next open': [],
  'fills at the close, all cash, fees in basis points': [
    'execution.fillAt=sameClose',
    'sizing={ kind: cashFraction, fraction: 1, feeBps: 1 }',
    'commission={ kind: bps, feeBps: 1 }',
    'instruments={ AAA: { quantityScale: 9 } }',
  ],
  'bars before the start that warm it up': [
    ...['provider=files', 'path=daily.csv', 'symbols=[DDD]', 'timeframe=1d', 'start=2024-02-20'],
    'params={ fast: { from: 1, to: 6 }, slow: [7, 9, 20], entry: [level, cross] }',
  ],
  'slippage, a fixed quantity and limits that refuse some': [
    'slippage={ kind: ticks, slippageTicks: 2 }',
    'sizing={ kind: fixedQuantity, quantity: 900 }',
    'risk.maxGrossExposure=90000',
  ],
};

describe.each(Object.entries(KINDS))('a sweep of a declared crossing: %s', (_, more) => {
  it('leaves the table that single runs leave, to the byte, on one thread and on three', async () => {
    const prepared = await prepare(...more);
    expect(describeRun(prepared, 1).sweep?.path).toBe('crossing');
    const { grid, data } = prepared;
    const warmed = data.symbols.filter(({ series }) => warmupRowsOf(series) > 0);
    expect(warmed).toHaveLength(more.some((one) => one.startsWith('start=')) ? 1 : 0);
    const runner = runnerOf(prepared);
    expect(runner.run(grid.at(3)).path).toBe('crossing');
    const alone = tableAlone(prepared);
    expect(alone.split(',done,').length).toBeGreaterThan(25);
    expect(new Set(alone.match(/[0-9a-f]{64}/g)).size).toBeGreaterThan(10);
    expect(await tableOf(prepared, 1)).toBe(alone);
    expect(await tableOf(prepared, 3)).toBe(alone);
  });
});

describe('the plan of a sweep', () => {
  const planOf = async (...more: readonly string[]) => describeRun(await prepare(...more), 1).sweep;

  it('says why combinations are run one by one', async () => {
    expect(await planOf('symbols=[AAA, BBB]')).toEqual({
      path: 'each',
      why: 'it has more than one symbol',
    });
    expect((await planOf('execution.closeAtEnd=true'))?.why).toMatch(/closed at the end/);
    const momentum = ['strategy=momentum', 'params={ lookback: [5, 6] }'];
    expect((await planOf(...momentum))?.why).toMatch(/momentum/);
  });
});
