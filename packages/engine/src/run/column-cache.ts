import type { BacktestOptions } from './backtest-result.ts';
import { type BacktestSeries, type ReferenceSeries, warmupRowsOf } from './series-columns.ts';

/** Where columns are kept between runs. */
export interface ColumnCaches {
  readonly columnCache?: BacktestOptions['columnCache'] | undefined;
}

/**
 * Finds the columns kept for a series, under a key of its own; they are not kept where the caller keeps none. Columns that begin
 * earlier have other values.
 */
export function columnCacheOf(
  options: ColumnCaches,
  series: BacktestSeries,
  key = '',
): Map<string, Float64Array> {
  const warmup = warmupRowsOf(series);
  return cacheNamed(options, [series.symbol, ...(warmup === 0 ? [] : [`after ${warmup}`]), key]);
}

/** As {@link columnCacheOf}, of the bars of another symbol that indicators read: all who read them share the columns. */
export function referenceCacheOf(
  options: ColumnCaches,
  { symbol }: ReferenceSeries,
  key = '',
): Map<string, Float64Array> {
  return cacheNamed(options, ['of', symbol, key]);
}

function cacheNamed(
  { columnCache }: ColumnCaches,
  parts: readonly string[],
): Map<string, Float64Array> {
  const name = parts.join(' ').trim();
  const known = columnCache?.get(name);
  if (known !== undefined) return known;
  const cache = new Map<string, Float64Array>();
  columnCache?.set(name, cache);
  return cache;
}
