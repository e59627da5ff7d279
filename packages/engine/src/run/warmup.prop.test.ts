import { priceNanos, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { graphTimeframes, maCross, resolveParameters, type Strategy } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BotCore } from '../bot-core.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { kernelWorlds } from '../kernels/test-kernel-world.ts';
import { runNames } from './backtest-spec.ts';
import { runBacktest } from './run-backtest.ts';
import { columnsOfBars } from './series-columns.ts';
import { type SignalsInput, signalsOf } from './signals.ts';
import { rowsFrom } from './test-rows-from.ts';
import { CENT, slicesOf, type TestWorld, worlds } from './test-run-world.ts';

const shares = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

/** The world from a share of its time on, with the bars before to warm up. */
function laterWorld({ spec, series }: Pick<TestWorld, 'spec' | 'series'>, share: number) {
  const ends = [...new Set(series.flatMap(({ bars }) => [...bars.startUs]))].sort((a, b) => a - b);
  const fromUs = ends[Math.floor(share * (ends.length - 1))] ?? 0;
  const later = series.map((one) => ({
    ...one,
    bars: rowsFrom(one.bars, fromUs),
    indicatorBars: one.bars,
  }));
  return { spec, series: later, fromUs };
}

/** What a bot says that sees the bars before in silence. */
function saidByBot({ spec, series }: TestWorld, fromUs: number) {
  const { strategy, params, timeframe, calendarOf, instruments } = spec;
  const core = new BotCore({
    ...runNames(spec),
    ...{ feed: 'feed', strategy, params, timeframe },
    symbols: series.map((one) => one.symbol),
    ...(spec.schedule === undefined ? {} : { schedule: spec.schedule }),
    calendarOf: (symbol) => calendarOf(instruments.get(symbol).calendar),
  });
  const graph = strategy.indicators(resolveParameters(strategy, params));
  return slicesOf(series, graphTimeframes(graph, timeframe)).flatMap((slice) => {
    const starts = slice.bars
      .filter((bar) => bar.timeframe === timeframe)
      .map((bar) => bar.startUs);
    return core.step(slice, { emit: starts.some((startUs) => startUs >= fromUs) }).signals;
  });
}

const { crossing: _, ...byColumns }: Strategy = maCross;
const { decideColumns: __, ...barByBar }: Strategy = byColumns;

function minuteBar(row: number) {
  const price = priceNanos(CENT);
  const startUs = timeUs(row * US_PER_MINUTE);
  const prices = { openNanos: price, highNanos: price, lowNanos: price, closeNanos: price };
  return { startUs, endUs: timeUs(startUs + US_PER_MINUTE), revision: 0, ...prices, volume: 1 };
}

function saidBy(input: SignalsInput) {
  const { count, row, targetOf } = signalsOf(input);
  return Array.from({ length: count }, (_, at) => {
    const { direction, reason } = targetOf(at);
    return { row: row[at], direction, reason: typeof reason === 'function' ? reason() : reason };
  });
}

describe('bars before the first', () => {
  it('warm a run up as they warm up a bot that sees them in silence', () => {
    const seen = { signals: 0, worlds: 0 };
    const property = fc.property(worlds, shares, (world, share) => {
      const { spec, series, fromUs } = laterWorld(world, share);
      const result = runBacktest(spec, series);
      const wanted = saidByBot(world, fromUs);
      const got = result.symbols.flatMap((symbol, index) => {
        const signals = result.signals[index];
        const bars = series.find((one) => one.symbol === symbol)?.bars;
        return Array.from({ length: signals?.count ?? 0 }, (_, at) => {
          const { direction, reason, stopPriceNanos } = signals?.targetOf(at) ?? {};
          const barEndUs = bars?.endUs[signals?.row[at] ?? -1];
          return {
            symbol,
            barEndUs,
            direction,
            stopPriceNanos,
            reason: typeof reason === 'function' ? reason() : reason,
          };
        });
      });
      const said = [...wanted]
        .sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0))
        .map(({ symbol, barEndUs, direction, stopPriceNanos, reason }) => ({
          symbol,
          barEndUs,
          direction,
          stopPriceNanos,
          reason,
        }));
      expect(got).toEqual(said);
      expect(result.timelineUs[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(fromUs);
      seen.signals += got.length;
      seen.worlds += said.some(({ barEndUs }) => barEndUs === result.timelineUs[0]) ? 1 : 0;
    });
    fc.assert(property, { numRuns: 150 });
    expect(seen.signals).toBeGreaterThan(150);
    expect(seen.worlds).toBeGreaterThan(10);
  });

  it('lead to the same signals by a declared crossing, by columns and bar by bar', () => {
    let [signals, waited] = [0, 0];
    const value = fc.option(fc.integer({ min: 1, max: 3 }), { nil: Number.NaN, freq: 6 });
    const crossings = fc.record({
      values: fc.array(fc.tuple(value, value), { minLength: 12, maxLength: 30 }),
      entry: fc.constantFrom('level', 'cross'),
      share: shares,
    });
    const property = fc.property(crossings, ({ values, entry, share }) => {
      const bars = columnsOfBars(values.map((_, row) => minuteBar(row)));
      const columns = {
        fast: Float64Array.from(values, ([fast]) => fast),
        slow: Float64Array.from(values, ([, slow]) => slow),
      };
      const warmupRows = Math.floor(share * values.length);
      const params = resolveParameters(maCross, { entry });
      const rest = { symbol: 'AAA', params, timeframe: '1m', bars, columns, warmupRows } as const;
      const byRow = saidBy({ ...rest, strategy: barByBar });
      expect(saidBy({ ...rest, strategy: byColumns })).toEqual(byRow);
      expect(saidBy({ ...rest, strategy: maCross })).toEqual(byRow);
      signals += byRow.length;
      const isSeen = columns.fast.some(
        (fast, row) => row < warmupRows && fast < (columns.slow[row] ?? 0),
      );
      waited += entry === 'cross' && isSeen && byRow[0]?.direction === 'long' ? 1 : 0;
    });
    fc.assert(property, { numRuns: 400 });
    expect(signals).toBeGreaterThan(400);
    expect(waited).toBeGreaterThan(20);
  });

  it('lead a kernel and the full path to the same orders, fills and ledger', () => {
    const seen = { done: 0, fills: 0 };
    const property = fc.property(kernelWorlds, shares, (world, share) => {
      const { spec, series } = laterWorld(world, share);
      const outcome = runKernel(spec, series);
      if (outcome.kind === 'left') return;
      const full = runBacktest(spec, series);
      expect(outcome.result.digest()).toBe(full.digest());
      seen.done += 1;
      seen.fills += full.fills.count;
    });
    fc.assert(property, { numRuns: 150 });
    expect(seen.done).toBeGreaterThan(40);
    expect(seen.fills).toBeGreaterThan(seen.done);
  });
});
