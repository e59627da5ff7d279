import { join } from 'node:path';
import { importBars, Lake } from '@capstan/lake';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reproduceRun } from '../compare/reproduce-run.ts';
import { parseOverride } from '../config/config-source.ts';
import { writeRun } from '../directory/write-run.ts';
import { checkConfig, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { runSweep } from '../sweep/run-sweep.ts';
import { type TestFolder, testFolder } from '../test-run-folder.ts';
import { NOTHING_BESIDE } from './found-bars.ts';
import { makeSynthetic } from './make-synthetic.ts';
import { targetsOf } from './test-targets.ts';

/** Longer bars beside those of one minute. */
const STRATEGY = `import { sma } from '@capstan/indicators';
import { defineStrategy, ofField } from '@capstan/strategy';
export default defineStrategy({
  name: 'two-spans', title: 'Two spans', description: 'A minute above the average of five-minute bars.',
  params: { slow: { type: 'integer', min: 2, max: 99, default: 8, description: 'Bars.' } },
  indicators: ({ slow }) => ({
    fast: ofField(sma, { period: 3 }, 'close'),
    slow: ofField(sma, { period: slow }, 'close', '5m'),
  }),
  initialState: null,
  decide: ({ fast, slow }) => ({ direction: fast > slow ? 'long' : 'flat', strength: fast > slow ? 1 : 0, reason: 'spans' }),
});
`;
const MINUTES =
  'provider: files\npath: minutes.csv\nsymbols: [AAA, BBB]\ntimeframe: 1m\nstrategy: ./two-spans.ts\n';
const LATER = ['start=2024-01-04'];

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('two-spans.ts', STRATEGY);
  await folder.file('minutes.yaml', MINUTES);
  await folder.file('minutes.csv', await minutesCsv());
});
afterAll(() => folder.remove());

/** Three sessions of two symbols, from 2024-01-02 on. */
async function minutesCsv(): Promise<string> {
  const checked = await checkConfig({
    file: await folder.file(
      'made.yaml',
      'provider: synthetic\nsymbols: [AAA, BBB]\nseed: 5\nsessions: 3\ntimeframe: 1m\nstrategy: ma-cross\n',
    ),
  });
  const found = makeSynthetic(checked.config.run, {
    timeframe: '1m',
    higher: [],
    beside: NOTHING_BESIDE,
    before: 0,
    shared: false,
  });
  const lines = found.flatMap(({ symbol, bars }) =>
    Array.from(bars.startUs, (startUs, row) =>
      [
        symbol,
        startUs / 1_000,
        ...[bars.openNanos, bars.highNanos, bars.lowNanos, bars.closeNanos].map(
          (column) => (column[row] ?? 0) / 1e9,
        ),
        bars.volume[row],
      ].join(','),
    ),
  );
  return ['symbol,ts_utc_ms,open,high,low,close,volume', ...lines].join('\n');
}

async function ran(overrides: readonly string[] = [], file = 'minutes.yaml') {
  const checked = await checkConfig({
    file: join(folder.path, file),
    overrides: overrides.map((text) => parseOverride(text)),
  });
  const prepared = await prepareRun(checked, false);
  const { config, strategy, data, first } = prepared;
  const outcome = new Runner({ run: config.run, strategy, ...data }).run(first);
  return { prepared, outcome, ...outcome };
}

describe('bars before the start', () => {
  it('give indicators the values that they have in a run that began earlier, and nothing happens at them', async () => {
    const earlier = await ran();
    const later = await ran(LATER);
    const startUs = Date.UTC(2024, 0, 4) * 1_000;
    const { result } = later;
    expect(result.timelineUs[0]).toBe(Date.UTC(2024, 0, 4, 14, 31) * 1_000);
    expect(result.equityMicros[0]).toBe(100_000_000_000);
    expect(Math.min(...result.fills.eventAtUs.subarray(0, result.fills.count))).toBeGreaterThan(
      startUs,
    );
    // What both want bar by bar from the start on; the later one has to say again what the earlier one wants already.
    for (const symbol of ['AAA', 'BBB']) {
      const wanted = targetsOf(earlier, symbol, startUs);
      expect(targetsOf(later, symbol, startUs)).toEqual(wanted);
      expect(wanted.length).toBeGreaterThan(5);
    }
  });

  it('are as many as everything needs, are told, and count in the fingerprint', async () => {
    const { prepared, result } = await ran(LATER);
    // 8 bars of 5 minutes are 40 of one; twice as many and 10, to the next power of two.
    expect(prepared.data.notes).toContainEqual({
      symbol: 'AAA, BBB',
      text: '128 bars before 2024-01-04 warm indicators up',
    });
    const [first] = prepared.data.symbols;
    expect(first?.series.bars.endUs).toHaveLength(390);
    expect(first?.series.indicatorBars?.endUs).toHaveLength(390 + 128);
    const cold = await ran([...LATER, 'warmup=0']);
    expect(cold.prepared.data.notes).toEqual([]);
    expect(cold.prepared.data.fingerprint).not.toBe(prepared.data.fingerprint);
    expect(cold.result.digest()).not.toBe(result.digest());
    const wider = await ran([...LATER, 'warmup=200']);
    expect(wider.prepared.data.fingerprint).not.toBe(prepared.data.fingerprint);
    expect(wider.result.digest()).toBe(result.digest());
  });

  it('are said to be too few where they are', async () => {
    const { prepared } = await ran(['start=2024-01-03', 'timeframe=1m', 'params.slow=90']);
    expect(prepared.data.notes[0]?.text).toMatch(
      /^only 390 bars before 2024-01-03 warm indicators up, of the \d+ that may be needed/,
    );
  });

  it('lead to the same result from the lake, with longer bars of its own or made of them', async () => {
    const lake = new Lake(join(folder.path, 'lake'));
    const path = join(folder.path, 'minutes.csv');
    await importBars(lake, { path, venue: 'XNYS', timeframe: '1m' });
    const fromLake = ['provider=lake', `lake=${lake.root}`, 'path=null'].slice(0, 2);
    for (const overrides of [
      [],
      LATER,
      [...LATER, 'sizing={kind: volatilityTarget, annualVolatility: 0.2}'],
    ]) {
      const files = await ran(overrides);
      await folder.file('lake.yaml', MINUTES.replace('path: minutes.csv\n', ''));
      const stored = await ran([...fromLake, ...overrides], 'lake.yaml');
      expect(stored.result.digest()).toBe(files.result.digest());
      expect(stored.result.fills.count).toBeGreaterThan(5);
      expect([...stored.result.equityMicros]).toEqual([...files.result.equityMicros]);
    }
  });

  it('warm every combination of a sweep up by what the longest needs, and each is the single run', async () => {
    const checked = await checkConfig({
      file: join(folder.path, 'minutes.yaml'),
      overrides: [
        ...LATER,
        'strategy=ma-cross',
        'symbols=[AAA]',
        'params={ fast: [2, 5], slow: [9, 30] }',
      ].map((text) => parseOverride(text)),
    });
    const prepared = await prepareRun(checked, true);
    const { config, strategy, data, grid } = prepared;
    expect(data.symbols[0]?.series.indicatorBars?.endUs).toHaveLength(390 + 128);
    const runner = new Runner({ run: config.run, strategy, ...data });
    const { rows } = await runSweep(prepared, { threads: 1 });
    expect(rows.map(({ digest }) => digest)).toEqual(
      Array.from({ length: grid.count }, (_, index) => runner.run(grid.at(index)).result.digest()),
    );
  });

  it('make a combination and a run of its own the same where both say how many', async () => {
    const sweptWith = async (warmup: string) => {
      const overrides = [
        ...[...LATER, 'strategy=rsi-reversion', 'symbols=[AAA]', `warmup=${warmup}`],
        'params={ period: [2, 40], oversold: 49 }',
      ];
      const checked = await checkConfig({
        file: join(folder.path, 'minutes.yaml'),
        overrides: overrides.map((text) => parseOverride(text)),
      });
      const prepared = await prepareRun(checked, true);
      const { rows } = await runSweep(prepared, { threads: 1 });
      return { digests: rows.map(({ digest }) => digest), notes: prepared.data.notes };
    };
    const aloneWith = async (length: number, warmup: string) => {
      const own = ['strategy=rsi-reversion', 'symbols=[AAA]', `warmup=${warmup}`];
      const { result } = await ran([
        ...LATER,
        ...own,
        `params={ period: ${length}, oversold: 49 }`,
      ]);
      expect(result.fills.count).toBeGreaterThan(1);
      return result.digest();
    };
    const { digests, notes } = await sweptWith('auto');
    const [, told = ''] = notes[0]?.text.match(/^(\d+) bars before/) ?? [];
    expect(digests).toEqual([await aloneWith(2, told), await aloneWith(40, told)]);
    expect((await sweptWith(told)).digests).toEqual(digests);
    // A smoothed mean remembers all of them: fewer make another run.
    expect(await aloneWith(40, 'auto')).toBe(digests[1]);
    expect(await aloneWith(40, '40')).not.toBe(digests[1]);
  });

  it('are needed to run it again', async () => {
    const { prepared, outcome } = await ran(LATER);
    const circumstances = { startedAt: new Date(0), durationMs: 0, threads: 1 };
    const outputDir = join(folder.path, 'runs');
    const path = await writeRun({ prepared, outcome, outputDir, ...circumstances });
    expect(await reproduceRun(path, { threads: 1 })).toMatchObject({ same: true });
    const csv = await minutesCsv();
    const lines = csv.split('\n');
    const last = lines.findIndex((line) => line.startsWith(`AAA,${Date.UTC(2024, 0, 3, 20, 59)},`));
    lines[last] = (lines[last] ?? '').replace(/\d+$/, '7');
    await folder.file('minutes.csv', lines.join('\n'));
    const again = await reproduceRun(path, { threads: 1 });
    expect(again.same).toBe(false);
    expect(again.dataFingerprint.now).not.toBe(again.dataFingerprint.stored);
    await folder.file('minutes.csv', csv);
  });
});
