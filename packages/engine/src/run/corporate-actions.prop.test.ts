import { dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { InstrumentBook, priceNanos, quantity, usEquity } from '@capstan/domain';
import { maCross, multiTimeframeCross, type Strategy } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacktestSpec } from './backtest-spec.ts';
import type { CorporateAction } from './corporate-action.ts';
import { runBacktest } from './run-backtest.ts';
import type { BacktestSeries, SeriesColumns } from './series-columns.ts';
import { rawBars, seriesOf } from './test-run-world.ts';
import { scriptedSpec } from './test-scripted-run.ts';

const EX_DATE = '2024-07-05';
/** Midnight in New York after the first session: what trades on the holiday belongs to the second. */
const EX_US = newYorkTimeUs(dayNumber('2024-07-04'), 0);
/** The first row after it, of bars without holes. */
const EX_ROW = 25;
const split: CorporateAction = { kind: 'split', exDate: EX_DATE, newShares: 4, oldShares: 1 };

const fine = { ...usEquity('AAA'), quantityScale: 6, tickNanos: priceNanos(1), lot: quantity(1) };
const strategies: fc.Arbitrary<Pick<BacktestSpec, 'strategy' | 'params'>> = fc.constantFrom(
  { strategy: maCross, params: { fast: 2, slow: 5 } },
  { strategy: multiTimeframeCross, params: { fast: 1, medium: 3, slow: 6 } },
  { strategy: higherCross(), params: {} },
);

/** Long while the close is above an average of five-minute bars. */
function higherCross(): Strategy {
  return {
    ...maCross,
    indicators: () => {
      const { fast, slow } = maCross.indicators({ fast: 1, slow: 2, entry: 'level' });
      if (fast === undefined || slow === undefined) throw new Error('a cross has two averages');
      return { fast, slow: { ...slow, timeframe: '5m' } };
    },
  };
}

function specOf(chosen: Pick<BacktestSpec, 'strategy' | 'params'>): BacktestSpec {
  return scriptedSpec({
    ...chosen,
    sizing: { kind: 'equityFraction', fraction: 0.5 },
    instruments: new InstrumentBook([fine]),
    limits: { ...scriptedSpec().limits, entryTiming: 'nextOpen' },
  });
}

/** The bars as they would have been had the shares before the ex-date been four. */
function restated(bars: SeriesColumns): SeriesColumns {
  const price = (column: Float64Array) =>
    column.map((cell, row) => ((bars.startUs[row] ?? 0) < EX_US ? cell / 4 : cell));
  return {
    ...bars,
    openNanos: price(bars.openNanos),
    highNanos: price(bars.highNanos),
    lowNanos: price(bars.lowNanos),
    closeNanos: price(bars.closeNanos),
  };
}

function without(series: BacktestSeries): BacktestSeries {
  const higher = [...(series.higher ?? [])].map(([name, bars]) => [name, restated(bars)] as const);
  return { ...series, bars: restated(series.bars), higher: new Map(higher) };
}

const seriesFrom = (raw: Parameters<typeof seriesOf>[1]) => seriesOf('AAA', raw);

describe('a split', () => {
  it('changes nothing but how many shares there are', () => {
    let fills = 0;
    fc.assert(
      fc.property(rawBars.map(seriesFrom), strategies, (series, chosen) => {
        const spec = specOf(chosen);
        const raw = runBacktest(spec, [{ ...series, actions: [split] }]);
        const plain = runBacktest(spec, [without(series)]);
        fills += raw.fills.count;
        expect(raw.fills.count).toBe(plain.fills.count);
        expect(raw.signals[0]?.row).toEqual(plain.signals[0]?.row);
        expect(raw.signals[0]?.opinion).toEqual(plain.signals[0]?.opinion);
        raw.equityMicros.forEach((equity, slice) => {
          expect(Math.abs(equity - (plain.equityMicros[slice] ?? 0))).toBeLessThan(1_000);
        });
      }),
    );
    expect(fills).toBeGreaterThan(100);
  });

  it('shows nothing of itself before its date', () => {
    fc.assert(
      fc.property(rawBars.map(seriesFrom), strategies, (series, chosen) => {
        const spec = specOf(chosen);
        const ahead = runBacktest(spec, [{ ...series, actions: [split] }]);
        const blind = runBacktest(spec, [series]);
        const until = series.bars.startUs.findIndex((us) => us >= EX_US);
        const end = until < 0 ? series.bars.startUs.length : until;
        expect(ahead.equityMicros.subarray(0, end)).toEqual(blind.equityMicros.subarray(0, end));
      }),
    );
  });
});

describe('dividends', () => {
  it('are in the averages only where they are asked for', () => {
    const bars = seriesFrom(
      Array.from({ length: 53 }, (_, minute) => {
        // The price rises all the time, but falls by the dividend as the second session opens.
        const open = minute === EX_ROW ? -200 : 0;
        return { open, up: 0, down: 0, close: 5, code: 3 };
      }),
    );
    const action: CorporateAction = {
      kind: 'dividend',
      exDate: EX_DATE,
      amountPerUnitNanos: 2_000_000_000,
    };
    const series = { ...bars, actions: [action] };
    const spec = specOf({ strategy: maCross, params: { fast: 4, slow: 8 } });
    const sees = (indicatorsSee: 'splits' | 'splitsAndDividends') => {
      const execution = { ...spec.execution, indicatorsSee };
      const { signals } = runBacktest({ ...spec, execution }, [series]);
      return [...(signals[0]?.opinion ?? [])].filter(
        (_, at) => (signals[0]?.row[at] ?? 0) >= EX_ROW,
      );
    };
    expect(sees('splits')).toContain(0);
    expect(sees('splitsAndDividends')).toEqual([]);
  });

  it('as large as the price are refused', () => {
    const series = seriesFrom(
      Array.from({ length: 40 }, () => ({ open: 0, up: 0, down: 0, close: 0, code: 3 })),
    );
    const action: CorporateAction = {
      kind: 'dividend',
      exDate: EX_DATE,
      amountPerUnitNanos: 10_000_000_000,
    };
    const spec = specOf({ strategy: maCross, params: {} });
    const execution = { ...spec.execution, indicatorsSee: 'splitsAndDividends' } as const;
    expect(() => runBacktest({ ...spec, execution }, [{ ...series, actions: [action] }])).toThrow(
      'AAA: the dividend of 2024-07-05 is not below the close before it, 10000000000 nanos.',
    );
  });
});
