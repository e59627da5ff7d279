import { type Bar, priceNanos, type Timeframe, timeUs } from '@capstan/domain';
import type { BarColumns } from '@capstan/indicators';
import type { CorporateAction } from './corporate-action.ts';

/**
 * Bars of one symbol and timeframe as columns of one length, in order of time: raw prices in integer nanos, volume in units at
 * the instrument's scale, times in microseconds. No cell is missing. A bar covers `startUs` (inclusive) to `endUs` (exclusive)
 * and is known from `endUs` on; bars do not overlap.
 */
export interface SeriesColumns extends BarColumns {
  readonly startUs: Float64Array;
}

/** How the prices of a series relate to what was traded. */
export const PRICE_BASES = ['raw', 'adjusted'] as const;
export type PriceBasis = (typeof PRICE_BASES)[number];

/** All that a backtest is told of one symbol. */
export interface BacktestSeries {
  readonly symbol: string;
  /** Bars of the run's timeframe; may be empty. */
  readonly bars: SeriesColumns;
  /**
   * What indicators see where they begin earlier: bars before the first of `bars`, which warm them up and at which nothing is decided,
   * then `bars` themselves. `bars` alone unless given.
   */
  readonly indicatorBars?: SeriesColumns;
  /** Bars of the longer timeframes that the strategy's indicators read. */
  readonly higher?: ReadonlyMap<Timeframe, SeriesColumns>;
  /** Other symbols whose bars the strategy's indicators read, by symbol. */
  readonly references?: ReadonlyMap<string, ReferenceSeries>;
  /** In any order; none unless given. */
  readonly actions?: readonly CorporateAction[];
  /** `raw` unless given. Adjusted prices together with actions are refused: they would count twice. */
  readonly priceBasis?: PriceBasis;
}

/** Bars of a symbol that is not decided on, for indicators alone. */
export interface ReferenceSeries {
  readonly symbol: string;
  /** Name of the calendar of its sessions. */
  readonly calendar: string;
  /** By timeframe: those that are read of it, from before the first decision where there are such bars. */
  readonly bars: ReadonlyMap<Timeframe, SeriesColumns>;
  /** In any order; none unless given. */
  readonly actions?: readonly CorporateAction[];
}

/** Returns how many bars warm indicators up before the first that is traded. */
export function warmupRowsOf({
  bars,
  indicatorBars = bars,
}: Pick<BacktestSeries, 'bars' | 'indicatorBars'>): number {
  return indicatorBars.endUs.length - bars.endUs.length;
}

/** Returns columns over the bars that indicators see, from the first bar on that is traded. */
export function tradedRows(
  columns: Readonly<Record<string, Float64Array>>,
  series: Pick<BacktestSeries, 'bars' | 'indicatorBars'>,
): Readonly<Record<string, Float64Array>> {
  const rows = warmupRowsOf(series);
  if (rows === 0) return columns;
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, column.subarray(rows)]),
  );
}

/** Bars of one symbol and timeframe. */
export interface NamedColumns {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: SeriesColumns;
}

/** Returns a row as a bar of its first revision. @throws InvariantError where there is no such row. */
export function barOfRow({ symbol, timeframe, bars }: NamedColumns, row: number): Bar {
  return {
    symbol,
    timeframe,
    startUs: timeUs(bars.startUs[row] ?? Number.NaN),
    endUs: timeUs(bars.endUs[row] ?? Number.NaN),
    revision: 0,
    openNanos: priceNanos(bars.openNanos[row] ?? Number.NaN),
    highNanos: priceNanos(bars.highNanos[row] ?? Number.NaN),
    lowNanos: priceNanos(bars.lowNanos[row] ?? Number.NaN),
    closeNanos: priceNanos(bars.closeNanos[row] ?? Number.NaN),
    volume: bars.volume[row] ?? Number.NaN,
  };
}

/** Returns bars of one symbol and timeframe as columns, in the order in which they are given. */
export function columnsOfBars(bars: readonly Omit<Bar, 'symbol' | 'timeframe'>[]): SeriesColumns {
  return {
    startUs: Float64Array.from(bars, (bar) => bar.startUs),
    endUs: Float64Array.from(bars, (bar) => bar.endUs),
    openNanos: Float64Array.from(bars, (bar) => bar.openNanos),
    highNanos: Float64Array.from(bars, (bar) => bar.highNanos),
    lowNanos: Float64Array.from(bars, (bar) => bar.lowNanos),
    closeNanos: Float64Array.from(bars, (bar) => bar.closeNanos),
    volume: Float64Array.from(bars, (bar) => bar.volume),
  };
}
