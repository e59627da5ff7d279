import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import { importBars, Lake } from '@capstan/lake';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride } from '../config/config-source.ts';
import { describeRun } from '../run/describe-run.ts';
import { checkConfig, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { runSweep } from '../sweep/run-sweep.ts';
import { type TestFolder, testFolder } from '../test-run-folder.ts';

const WEEKDAYS = Array.from({ length: 70 }, (_, day) => new Date(Date.UTC(2024, 2, 1 + day)))
  .filter((day) => ![0, 6].includes(day.getUTCDay()))
  .map((day) => day.toISOString().slice(0, 10))
  .filter((day) => day !== '2024-03-29');
/** Decides on minutes, by closes of days of another symbol. */
const STRATEGY = `import { sma } from '@capstan/indicators';
import { defineStrategy, ofField, ofSymbol } from '@capstan/strategy';
export default defineStrategy({
  name: 'fear', title: 'Fear', description: 'In while fear falls.',
  params: { fear: { type: 'symbol', default: 'VIX', description: 'Of fear.' } },
  indicators: ({ fear }) => ({
    close: ofField(sma, { period: 1 }, 'close'),
    last: ofSymbol(fear, ofField(sma, { period: 1 }, 'close', '1d')),
    mean: ofSymbol(fear, ofField(sma, { period: 2 }, 'close', '1d')),
  }),
  initialState: null,
  decide: ({ last, mean }) => ({ direction: last < mean ? 'long' : 'flat', strength: last < mean ? 1 : 0, reason: 'fear ' + last / 1e9 }),
});
`;
const RUN = `symbols: [AAA]
timeframe: 1d
strategy: market-filter
params: { length: 3, market: MKT, market_length: 4 }
sizing: { kind: equityFraction, fraction: 0.5 }
`;

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('fear.ts', STRATEGY);
  await folder.file('AAA.csv', daily('AAA', 3));
  await folder.file('MKT.csv', daily('MKT', 5));
  await folder.file('ALT.csv', daily('ALT', 4));
  await folder.file('all.csv', [daily('AAA', 3), ...rows('MKT', 5)].join('\n'));
  await folder.file('each.yaml', `provider: files\npath: '{symbol}.csv'\n${RUN}`);
  await folder.file('all.yaml', `provider: files\npath: all.csv\n${RUN}`);
  await folder.file('lake.yaml', `provider: lake\nlake: data\n${RUN}`);
  await folder.file('made.yaml', `provider: synthetic\nseed: 3\nsessions: 60\n${RUN}`);
  const lake = new Lake(join(folder.path, 'data'));
  for (const symbol of ['AAA', 'MKT']) {
    const path = join(folder.path, `${symbol}.csv`);
    await importBars(lake, { path, venue: 'XNYS', timeframe: '1d' });
  }
});
afterAll(() => folder.remove());

function rows(symbol: string, period: number): readonly string[] {
  return WEEKDAYS.map((day, place) => {
    const close = (100 + 8 * Math.sin(place / period) + (place % 3)).toFixed(2);
    return [symbol, day, close, close, close, close, 1_000].join(',');
  });
}

const daily = (symbol: string, period: number) =>
  ['symbol,date,open,high,low,close,volume', ...rows(symbol, period)].join('\n');

async function prepare(file: string, overrides: readonly string[] = [], shared = false) {
  const checked = await checkConfig({
    file: join(folder.path, file),
    overrides: overrides.map((text) => parseOverride(text)),
  });
  return prepareRun(checked, shared);
}

async function ran(file: string, overrides: readonly string[] = []) {
  const prepared = await prepare(file, overrides);
  const { config, strategy, data, first } = prepared;
  return { prepared, outcome: new Runner({ run: config.run, strategy, ...data }).run(first) };
}

describe('a strategy that reads a symbol which is not traded', () => {
  it('has its bars from files, a file for all, the lake and the generator, and trades the others', async () => {
    const each = await ran('each.yaml');
    expect(each.outcome.result.symbols).toEqual(['AAA']);
    expect(each.outcome.trips.closed.count).toBeGreaterThan(2);
    for (const file of ['all.yaml', 'lake.yaml']) {
      const { outcome } = await ran(file);
      expect(outcome.result.digest(), file).toBe(each.outcome.result.digest());
    }
    const made = await ran('made.yaml');
    expect(made.outcome.trips.closed.count).toBeGreaterThan(1);
    const [own] = made.prepared.data.symbols;
    const market = own?.series.references?.get('MKT')?.bars.get('1d');
    expect(market?.closeNanos).not.toEqual(own?.series.bars.closeNanos);
  });

  it('is told what it reads; those bars count in the fingerprint, and they are not traded', async () => {
    const { prepared } = await ran('each.yaml');
    const note = { symbol: 'MKT', text: 'the strategy reads its bars; it is not traded' };
    expect(prepared.data.notes).toContainEqual(note);
    expect(describeRun(prepared, 1).symbols.map(({ symbol }) => symbol)).toEqual(['AAA']);
    const other = await prepare('each.yaml', ['params.market=ALT']);
    expect(other.data.fingerprint).not.toBe(prepared.data.fingerprint);
  });

  it('is the same run where the symbol is traded as well', async () => {
    const alone = await ran('all.yaml', ['sizing={ kind: fixedQuantity, quantity: 1 }']);
    const both = await ran('all.yaml', [
      ...['symbols=[AAA, MKT]', 'sizing={ kind: fixedQuantity, quantity: 1 }'],
    ]);
    const fillsOf = ({ outcome }: typeof both) => {
      const { fills, symbols } = outcome.result;
      return Array.from({ length: fills.count }, (_, at) => at)
        .filter((at) => symbols[fills.symbolIndex[at] ?? 0] === 'AAA')
        .map((at) => [fills.eventAtUs[at], fills.priceNanos[at]]);
    };
    expect(both.outcome.result.symbols).toEqual(['AAA', 'MKT']);
    expect(fillsOf(both)).toEqual(fillsOf(alone));
  });

  it('sweeps over the symbol that is read, by single runs and on threads alike', async () => {
    const prepared = await prepare('each.yaml', ['params.market=[MKT, ALT]'], true);
    const { rows: swept } = await runSweep(prepared, { threads: 2 });
    const digests = swept.map((row) => (row.state === 'done' ? row.digest : row.state));
    const single = async (market: string) =>
      (await ran('each.yaml', [`params.market=${market}`])).outcome.result.digest();
    expect(digests).toEqual([await single('MKT'), await single('ALT')]);
    expect(digests[0]).not.toBe(digests[1]);
  });

  it('takes longer bars of it than it decides on, which need no shorter ones in the lake', async () => {
    await folder.file('minutes.csv', minutesOf('AAA'));
    await folder.file('VIX.csv', daily('VIX', 2));
    const lake = new Lake(join(folder.path, 'mixed'));
    const path = (name: string) => join(folder.path, name);
    await importBars(lake, { path: path('minutes.csv'), venue: 'XNYS', timeframe: '1m' });
    await importBars(lake, { path: path('VIX.csv'), venue: 'XNYS', timeframe: '1d' });
    await folder.file(
      'fear.yaml',
      'provider: lake\nlake: mixed\nsymbol: AAA\ntimeframe: 1m\nstrategy: ./fear.ts\nstart: 2024-03-06\n',
    );
    const { prepared, outcome } = await ran('fear.yaml');
    const [own] = prepared.data.symbols;
    expect([...(own?.series.references?.get('VIX')?.bars.keys() ?? [])]).toEqual(['1d']);
    const [signals] = outcome.result.signals;
    const first = signals?.targetOf(0);
    // The day before is known in the morning; the day itself from its close on.
    const before = rows('VIX', 2)[2]?.split(',')[5];
    expect(signals?.row[0]).toBe(0);
    expect(first?.reason).toBe(`fear ${Number(before)}`);
  });

  it('is refused where there are none, with who wanted them', async () => {
    const failure = async (file: string, ...overrides: readonly string[]) => {
      const error = await prepare(file, overrides).catch((thrown: unknown) => thrown);
      return error instanceof AppError ? `${error.code}: ${error.why}` : error;
    };
    expect(await failure('all.yaml', 'params.market=MKTS')).toBe(
      'RUN.SYMBOLS: all.csv: no bars of MKTS, which the strategy reads.',
    );
    expect(await failure('each.yaml', 'params.market=MKTS')).toMatch(/the strategy reads MKTS: /);
    expect(await failure('lake.yaml', 'params.market=MKTS')).toMatch(
      /^LAKE\.\w+: the strategy reads MKTS: /,
    );
  });
});

/** Two sessions from 2024-03-06 on, a bar a minute. */
function minutesOf(symbol: string): string {
  const lines = ['2024-03-06', '2024-03-07'].flatMap((day) =>
    Array.from({ length: 390 }, (_, minute) => {
      const startMs = Date.parse(`${day}T14:30:00Z`) + minute * 60_000;
      return [symbol, startMs, 10, 10, 10, 10, 100].join(',');
    }),
  );
  return ['symbol,ts_utc_ms,open,high,low,close,volume', ...lines].join('\n');
}
