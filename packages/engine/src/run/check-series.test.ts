import { describe, expect, it } from 'vitest';
import { checkSeries } from './check-series.ts';
import type { BacktestSeries, SeriesColumns } from './series-columns.ts';

const MINUTE = 60_000_000;

function columns(starts: readonly number[]): SeriesColumns {
  const price = Float64Array.from(starts, () => 1);
  const [openNanos, highNanos, lowNanos, closeNanos, volume] = [price, price, price, price, price];
  const startUs = Float64Array.from(starts, (minute) => minute * MINUTE);
  const endUs = startUs.map((us) => us + MINUTE);
  return { startUs, endUs, openNanos, highNanos, lowNanos, closeNanos, volume };
}

const series = (changes: Partial<BacktestSeries> = {}): BacktestSeries => ({
  symbol: 'AAA',
  bars: columns([1, 2, 4]),
  ...changes,
});

const split = { kind: 'split', exDate: '2024-01-02', newShares: 2, oldShares: 1 } as const;

const dividend = { kind: 'dividend', exDate: '2024-01-02', amountPerUnitNanos: 1 } as const;

describe('checkSeries', () => {
  it('takes bars with holes, none at all, and adjusted prices without actions', () => {
    checkSeries([series(), series({ symbol: 'BBB', bars: columns([]) })]);
    checkSeries([series({ priceBasis: 'adjusted', actions: [] })]);
    checkSeries([series({ priceBasis: 'raw', actions: [split, dividend] })]);
  });

  it.each([
    ['nothing', [], 'a backtest has no series'],
    ['a symbol twice', [series(), series()], 'AAA has two series'],
    [
      'columns of two lengths',
      [series({ bars: { ...columns([1, 2]), volume: new Float64Array(1) } })],
      'AAA: column volume has 1 rows, endUs 2',
    ],
    ['bars out of order', [series({ bars: columns([2, 1]) })], 'AAA: the bar of row 1, at 1970'],
    [
      'longer bars that overlap',
      [series({ higher: new Map([['5m', columns([1, 1.5])]]) })],
      'AAA 5m: the bar of row 1',
    ],
    [
      'adjusted prices with actions',
      [series({ priceBasis: 'adjusted', actions: [split] })],
      'AAA has adjusted prices and 1 corporate actions, which would count twice',
    ],
    [
      'a split of nothing',
      [series({ actions: [{ ...split, oldShares: 0 }] })],
      'AAA, split of 2024-01-02: oldShares is 0',
    ],
    [
      'a dividend that is paid before it is earned',
      [series({ actions: [{ ...dividend, payDate: '2024-01-01' }] })],
      'AAA, dividend of 2024-01-02: it is paid on 2024-01-01, before its ex-date',
    ],
    [
      'a dividend that takes',
      [series({ actions: [{ ...dividend, amountPerUnitNanos: -1 }] })],
      'AAA, dividend of 2024-01-02: amountPerUnitNanos is -1',
    ],
    [
      'a history that ends with other bars',
      [
        series({
          indicatorBars: {
            ...series({}).bars,
            startUs: series({}).bars.startUs.map((us) => us + 1),
          },
        }),
      ],
      'AAA: the bars that indicators see do not end with those that are traded',
    ],
  ])('refuses %s', (_, all, why) => {
    expect(() => checkSeries(all)).toThrow(
      expect.objectContaining({ code: 'ENGINE.SERIES', message: expect.stringContaining(why) }),
    );
  });
});
