import type { BacktestOptions, BacktestResult } from '../run/backtest-result.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import { backtestSteps } from '../run/run-backtest.ts';
import { inOnePiece, RunMeter, type RunSteps } from '../run/run-steps.ts';
import type { BacktestSeries } from '../run/series-columns.ts';
import { kernelSteps } from './run-kernel.ts';

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
  return inOnePiece(runSteps(spec, series, options));
}

/** As {@link run}, in pieces: whoever runs it can look up, say how far it is, or leave it there. */
export function* runSteps(
  spec: BacktestSpec,
  series: readonly BacktestSeries[],
  options: BacktestOptions = {},
): RunSteps<BacktestResult> {
  const shared = { ...options, columnCache: options.columnCache ?? new Map() };
  const meter = new RunMeter(series);
  const outcome = yield* kernelSteps(spec, series, shared, meter);
  if (outcome.kind === 'done') return outcome.result;
  meter.restart();
  return yield* backtestSteps(spec, series, shared, meter);
}
