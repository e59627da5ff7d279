import { InstrumentBook, parseCash, usEquity } from '@capstan/domain';
import { sessionVwap } from '@capstan/indicators';
import { defineStrategy, maCross, ofBars } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { ORDER_ENDS } from './order-columns.ts';
import { runBacktest } from './run-backtest.ts';
import { INSTRUMENTS } from './test-run-world.ts';
import { type ScriptBar, scripted, scriptedSpec, session } from './test-scripted-run.ts';

const DAY = '2024-07-02';
const MICROS = 1_000_000;
const rising: readonly ScriptBar[] = session(DAY, [[1_000, 'long'], [1_000], [1_100], [1_200]]);

describe('equity', () => {
  it('marks what settles by variation at its profit, and sums what is held to gross', () => {
    const future = { ...usEquity('FUT'), assetClass: 'future' as const, multiplier: 50 };
    const instruments = new InstrumentBook([...INSTRUMENTS.all(), future]);
    const falling = session(DAY, [[500, 'short'], [500], [450], [400]]);
    const result = runBacktest(
      scriptedSpec({ instruments }),
      [scripted('FUT', falling), scripted('AAA', rising)],
      { wantGross: true },
    );
    expect(result.symbols).toEqual(['AAA', 'FUT']);
    expect([...result.cashMicros]).toEqual(
      [100_000, 99_000, 99_000, 99_000].map((one) => one * MICROS),
    );
    const equity = [100_000, 100_000, 100_100 + 2_500, 100_200 + 5_000];
    expect([...result.equityMicros]).toEqual(equity.map((one) => one * MICROS));
    const gross = [0, 1_000 + 25_000, 1_100 + 22_500, 1_200 + 20_000];
    expect([...(result.grossMicros ?? [])]).toEqual(gross.map((one) => one * MICROS));
    expect(runBacktest(scriptedSpec(), [scripted('AAA', rising)]).grossMicros).toBeUndefined();
  });

  it('keeps the last mark of a symbol without a bar', () => {
    const [first, second, , last] = rising;
    const holed = [first, second, last].filter((bar) => bar !== undefined);
    const result = runBacktest(scriptedSpec(), [
      scripted('AAA', holed),
      scripted('CCC', session(DAY, [[500], [500], [500], [500]])),
    ]);
    expect([...result.equityMicros].map((micros) => micros / MICROS)).toEqual([
      ...[100_000, 100_000, 100_000, 100_200],
    ]);
  });

  it('is the opening cash where there is no bar', () => {
    const result = runBacktest(scriptedSpec(), [scripted('AAA', [])]);
    expect(result.finalEquityMicros).toBe(parseCash('100000'));
    expect(result.timelineUs).toHaveLength(0);
  });
});

describe('a run', () => {
  it('ends an order with its session, though its symbol has no bar there and nothing else happens', () => {
    const early = scripted('AAA', [
      [DAY, 15 * 60 + 57, [1_000, 1_000, 1_000, 1_000], 'nothing'],
      [DAY, 15 * 60 + 58, [1_000, 1_000, 1_000, 1_000], 'long'],
    ]);
    const later = scripted('BBB', [
      [DAY, 15 * 60 + 58, [1_000, 1_000, 1_000, 1_000], 'nothing'],
      [DAY, 15 * 60 + 59, [1_000, 1_000, 1_000, 1_000], 'nothing'],
      [DAY, 16 * 60, [1_000, 1_000, 1_000, 1_000], 'nothing'],
    ]);
    const { orders, timelineUs } = runBacktest(scriptedSpec(), [early, later]);
    expect(orders.count).toBe(1);
    expect(ORDER_ENDS[orders.state[0] ?? 0]).toBe('expired');
    expect(orders.endUs[0]).toBe(timelineUs[2]);
  });

  it('knows the sessions of bars for strategies that ask for them', () => {
    const aboveVwap = defineStrategy({
      name: 'above-vwap',
      title: 'Above VWAP',
      description: 'Long above the average price of the session.',
      params: {},
      indicators: () => ({ vwap: ofBars(sessionVwap, {}) }),
      initialState: null,
      decide: ({ vwap }, _, { bar }) => ({
        direction: bar.closeNanos > vwap ? 'long' : 'flat',
        strength: 1,
        reason: 'x',
      }),
    });
    const script = [
      ...session('2024-07-02', [
        [1_000, 'long'],
        [1_100, 'short'],
        [1_200, 'short'],
      ]),
      ...session('2024-07-03', [
        [500, 'short'],
        [600, 'short'],
      ]),
    ];
    const { signals } = runBacktest(scriptedSpec({ strategy: aboveVwap }), [
      scripted('AAA', script),
    ]);
    expect([...(signals[0]?.row ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it('shares columns of indicators between runs, and gives the same with them', () => {
    const spec = scriptedSpec({ strategy: maCross, params: { fast: 1, slow: 2 } });
    const columnCache = new Map<string, Map<string, Float64Array>>();
    const series = [scripted('AAA', rising)];
    const first = runBacktest(spec, series, { columnCache });
    const columns = new Set(columnCache.get('AAA')?.values());
    expect(columns.size).toBe(2);
    const second = runBacktest(spec, series, { columnCache });
    expect(new Set(columnCache.get('AAA')?.values())).toEqual(columns);
    expect(second.digest()).toBe(first.digest());
    expect(runBacktest(spec, series).digest()).toBe(first.digest());
  });
});

describe('a digest', () => {
  const digest = (script: readonly ScriptBar[], changes = {}) =>
    runBacktest(scriptedSpec(changes), [scripted('AAA', script)]).digest();

  it('is the same for the same run, and another one for another price, fee or symbol', () => {
    const dearer = rising.map(([date, minute, ohlc, want]): ScriptBar => {
      const up = ohlc.map((cents) => cents + 1) as unknown as typeof ohlc;
      return [date, minute, up, want];
    });
    const matcher = {
      ...scriptedSpec().matcher,
      commission: { kind: 'perOrder', feeMicros: 1 } as const,
    };
    const other = runBacktest(scriptedSpec(), [scripted('CCC', rising)]).digest();
    const all = [digest(rising), digest(dearer), digest(rising, { matcher }), other];
    expect(new Set(all).size).toBe(4);
    expect(digest(rising)).toBe(all[0]);
    expect(all[0]).toBe('30a415b79c9b769cfef170ad2b4791ea48c78445fa7773687ddfd40080f21e13');
  });

  it('does not change with what is only marked', () => {
    const [last] = rising.slice(-1);
    const marked: ScriptBar = [DAY, last?.[1] ?? 0, [1, 9_000, 1, 9_000], 'nothing'];
    expect(digest([...rising.slice(0, -1), marked])).toBe(digest(rising));
  });
});
