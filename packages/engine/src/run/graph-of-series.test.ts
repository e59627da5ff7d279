import { dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { InvariantError, US_PER_MINUTE } from '@capstan/domain';
import { sma } from '@capstan/indicators';
import { ofField, ofSymbol } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { columnsOfSeries } from './graph-of-series.ts';
import type { BacktestSeries, ReferenceSeries, SeriesColumns } from './series-columns.ts';
import { CENT, calendarOf } from './test-run-world.ts';

/** One-minute bars from the open of a day, flat at so many cents; a hole where there is none. */
function minutes(date: string, cents: readonly (number | undefined)[]): SeriesColumns {
  const open = newYorkTimeUs(dayNumber(date), 9 * 60 + 30);
  const rows = cents.flatMap((price, minute) =>
    price === undefined ? [] : [{ price: price * CENT, startUs: open + minute * US_PER_MINUTE }],
  );
  const prices = () => Float64Array.from(rows, ({ price }) => price);
  return {
    startUs: Float64Array.from(rows, ({ startUs }) => startUs),
    endUs: Float64Array.from(rows, ({ startUs }) => startUs + US_PER_MINUTE),
    ...{ openNanos: prices(), highNanos: prices(), lowNanos: prices(), closeNanos: prices() },
    volume: Float64Array.from(rows, () => 1),
  };
}

function joined(a: SeriesColumns, b: SeriesColumns): SeriesColumns {
  const column = (name: 'startUs' | 'endUs' | 'closeNanos' | 'volume') =>
    Float64Array.of(...a[name], ...b[name]);
  const closeNanos = column('closeNanos');
  return {
    ...{ startUs: column('startUs'), endUs: column('endUs'), volume: column('volume') },
    ...{ openNanos: closeNanos, highNanos: closeNanos, lowNanos: closeNanos, closeNanos },
  };
}

const graph = {
  own: ofField(sma, { period: 1 }, 'close'),
  market: ofSymbol('SPY', ofField(sma, { period: 2 }, 'close')),
};

function columns(
  series: Omit<BacktestSeries, 'symbol'>,
  columnCache?: Map<string, Map<string, Float64Array>>,
) {
  const found = columnsOfSeries({
    ...{ graph, base: '1m', series: { symbol: 'AAPL', ...series } },
    ...{ calendar: calendarOf('XNYS'), calendarOf },
    indicatorsSee: 'splits',
    options: { columnCache },
  });
  return Object.entries(found).map(([name, column]) => [
    name,
    [...column].map((one) => one / CENT),
  ]);
}

const spy = (bars: SeriesColumns, more: Partial<ReferenceSeries> = {}) =>
  new Map([
    ['SPY', { symbol: 'SPY', calendar: 'XNYS', bars: new Map([['1m', bars] as const]), ...more }],
  ]);
const BEFORE = '2024-07-02';
const AFTER = '2024-07-03';

describe('columns that read another symbol', () => {
  it('have the value of its last bar that ends then or before, none before there is one', () => {
    const bars = minutes(AFTER, [10, 20, 30, undefined, 50, 60]);
    const market = minutes(AFTER, [1, undefined, 3, 5, undefined, undefined, 9]);
    expect(columns({ bars, references: spy(market) })).toEqual([
      ['own', [10, 20, 30, 50, 60]],
      ['market', [Number.NaN, Number.NaN, 2, 4, 4]],
    ]);
  });

  it('see its splits as of its own last bar, and leave those of the symbol alone', () => {
    const split = { kind: 'split', exDate: AFTER, newShares: 2, oldShares: 1 } as const;
    const market = joined(minutes(BEFORE, [100, 200]), minutes(AFTER, [undefined, 100, 120]));
    const bars = joined(minutes(BEFORE, [10, 20]), minutes(AFTER, [30, 40, 50]));
    const wanted = [Number.NaN, 150, 150, 100, 110];
    expect(columns({ bars, references: spy(market, { actions: [split] }) })[1]).toEqual([
      'market',
      wanted,
    ]);
    const both = columns({ bars, actions: [split], references: spy(market, { actions: [split] }) });
    expect(both).toEqual([
      ['own', [10, 20, 30, 40, 50]],
      ['market', wanted],
    ]);
  });

  it('begin with what warms the symbol up, and are worked out once for all that read them', () => {
    const cache = new Map<string, Map<string, Float64Array>>();
    const indicatorBars = minutes(AFTER, [10, 20, 30]);
    const bars = minutes(AFTER, [undefined, 20, 30]);
    const references = spy(minutes(AFTER, [1, 3, 5]));
    expect(columns({ bars, indicatorBars, references }, cache)[1]).toEqual([
      'market',
      [Number.NaN, 2, 4],
    ]);
    expect([...cache.keys()].sort()).toEqual(['AAPL after 1', 'of SPY']);
    columns({ bars, references }, cache);
    expect(cache.get('of SPY')?.size).toBe(1);
  });

  it('are refused where its bars were not given', () => {
    const bars = minutes(AFTER, [10]);
    expect(() => columns({ bars })).toThrow(InvariantError);
    expect(() => columns({ bars })).toThrow('AAPL was given without the bars of SPY');
    const empty = new Map([['SPY', { symbol: 'SPY', calendar: 'XNYS', bars: new Map() }]]);
    expect(() => columns({ bars, references: empty })).toThrow('SPY has no bars of 1m');
  });
});
