import { CalendarBook } from '@capstan/calendar';
import { type Bar, priceNanos, usEquity } from '@capstan/domain';
import {
  BUILT_IN_STRATEGIES,
  defineStrategy,
  maCross,
  OPINION,
  resolveParameters,
} from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import { describe, expect, it } from 'vitest';
import { columnsOfBars, type SeriesColumns } from '../run/series-columns.ts';
import { findLookahead } from './find-lookahead.ts';
import { LEAKY } from './test-leaky.ts';

const calendar = new CalendarBook().get('XNYS');
const SESSION_MINUTES = 390;

function sessions(count: number, seed = 11): SeriesColumns {
  const instrument = usEquity('SPY');
  const symbol = {
    instrument,
    startPriceNanos: priceNanos(100_000_000_000),
    annualVolatility: 0.6,
    marketShare: 0,
    dailyVolume: 20_000_000,
  };
  const options = { feed: 'bars', seed, calendar, startDate: '2024-03-04', symbols: [symbol] };
  const bars: Bar[] = [];
  for (const slice of syntheticSlices(options)) {
    bars.push(...slice.bars);
    if (bars.length >= count * SESSION_MINUTES) break;
  }
  return columnsOfBars(bars);
}

const bars = sessions(1);
const cutRows = [5, 17, 60, 199, 200, 380];
const references = new Map([['SPY', sessions(1, 12)]]);
const common = {
  ...({ timeframe: '1m', symbol: 'AAPL', seed: 3 } as const),
  ...{ calendar, bars, references, cutRows },
};

describe('findLookahead', () => {
  it.each(LEAKY)('catches a strategy that knows %s', (_what, strategy) => {
    const params = resolveParameters(strategy, {});
    expect(findLookahead({ ...common, strategy, params }).leaks).not.toEqual([]);
  });

  it('says what moved, where, and in which trial', () => {
    const [, strategy] = LEAKY[0] ?? [];
    if (strategy === undefined) throw new Error('the corpus is empty');
    const { leaks } = findLookahead({
      ...common,
      strategy,
      params: resolveParameters(strategy, {}),
    });
    const truncated = leaks.find(({ trial }) => trial === 'truncated');
    expect(truncated).toMatchObject({
      trial: 'truncated',
      cutUs: truncated?.barEndUs,
      withFuture: expect.stringMatching(/^(long|flat)/),
    });
    expect(truncated?.without).not.toBe(truncated?.withFuture);
  });

  it('sees a target that moves in its prices or reason alone', () => {
    const strategy = defineStrategy({
      ...maCross,
      name: 'moving-stop',
      initialState: null,
      params: {},
      check: () => undefined,
      indicators: () => ({}),
      update: () => null,
      decide: () => undefined,
      decideColumns: (_columns, { bars: seen }) => {
        const direction = new Int8Array(seen.endUs.length).fill(1);
        const stopPriceNanos = Float64Array.from(seen.closeNanos, (_, row) =>
          Math.max(1, (seen.lowNanos[row + 1] ?? 2) - 1),
        );
        return { direction, stopPriceNanos, reasonAt: () => 'long' };
      },
    });
    const { leaks } = findLookahead({ ...common, strategy, params: {} });
    expect(leaks.map(({ trial }) => trial)).toContain('truncated');
  });

  it('finds a declared crossing that holds for its first turns alone', () => {
    const quietUs = bars.endUs[300] ?? 0;
    const quiet = { direction: 'flat', strength: 0, reason: 'quiet' } as const;
    const falseLater = (fromUs: number) =>
      defineStrategy({
        ...maCross,
        name: 'false-later',
        decide: (values, state, context) =>
          context.bar.endUs < fromUs ? maCross.decide(values, state, context) : quiet,
        decideColumns: (columns, context) => {
          const opinions = maCross.decideColumns?.(columns, context);
          if (opinions === undefined) throw new Error('the crossing has columns');
          const { endUs } = context.bars;
          const direction = opinions.direction.map((one, row) =>
            (endUs[row] ?? 0) < fromUs ? one : OPINION.flat,
          );
          return { ...opinions, direction };
        },
      });
    const params = resolveParameters(maCross, { fast: 2, slow: 4 });
    const reportOf = (fromUs: number) =>
      findLookahead({ ...common, strategy: falseLater(fromUs), params });
    expect(reportOf(Number.POSITIVE_INFINITY).leaks).toEqual([]);
    const { leaks } = reportOf(quietUs);
    expect(leaks.map(({ trial, barEndUs }) => [trial, barEndUs >= quietUs])).toContainEqual([
      'streamed',
      true,
    ]);
  });

  describe('built-in strategies', () => {
    const quick: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
      'three-day-momentum': { atr_len: 2, move_bps: 20, days: 1, sides: 'both' },
      'donchian-breakout': { sides: 'both' },
      'vwap-atr': { band_mult: 1, sides: 'both' },
      'multi-timeframe-cross': { fast: 3, medium: 8, slow: 20 },
    };
    const week = sessions(6);
    const market = sessions(6, 12);
    const rows = Array.from({ length: 6 }, (_, session) => session * SESSION_MINUTES + 97);

    it.each(BUILT_IN_STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
      '%s knows nothing of the future',
      (name, strategy) => {
        const params = resolveParameters(strategy, quick[name] ?? {});
        const report = findLookahead({
          ...{ ...common, strategy, params, bars: week, cutRows: rows },
          references: new Map([['SPY', market]]),
        });
        expect(report.leaks).toEqual([]);
        expect(report.decisions).toBeGreaterThan(1);
        expect(report.cuts).toBe(rows.length);
      },
    );
  });
});
