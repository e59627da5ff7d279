import type { BacktestOptions, BacktestResult } from '../run/backtest-result.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import { runBacktest } from '../run/run-backtest.ts';
import type { BacktestSeries } from '../run/series-columns.ts';
import { runKernel } from './run-kernel.ts';

/**
 * Runs a backtest over columns by the quickest path that can: a kernel, else the classes of live. Which one was it says
 * `result.path`; nothing else differs.
 * @param series one for each symbol, in any order.
 * @throws what `runBacktest` throws.
 */
export function run(
  spec: BacktestSpec,
  series: readonly BacktestSeries[],
  options: BacktestOptions = {},
): BacktestResult {
  const shared = { ...options, columnCache: options.columnCache ?? new Map() };
  const outcome = runKernel(spec, series, shared);
  return outcome.kind === 'done' ? outcome.result : runBacktest(spec, series, shared);
}
