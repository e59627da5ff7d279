import type { BacktestOptions } from './backtest-result.ts';
import { type BacktestSeries, warmupRowsOf } from './series-columns.ts';

/**
 * Finds the columns kept for a series, under a key of its own; they are not kept where the caller keeps none. Columns that begin
 * earlier have other values.
 */
export function columnCacheOf(
  { columnCache }: BacktestOptions,
  series: BacktestSeries,
  key = '',
): Map<string, Float64Array> {
  const warmup = warmupRowsOf(series);
  const name = [series.symbol, ...(warmup === 0 ? [] : [`after ${warmup}`]), key].join(' ').trim();
  const known = columnCache?.get(name);
  if (known !== undefined) return known;
  const cache = new Map<string, Float64Array>();
  columnCache?.set(name, cache);
  return cache;
}
