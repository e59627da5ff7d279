import { assert } from '@capstan/domain';
import type { RatioOptions } from './annual.ts';
import { relate } from './benchmark.ts';
import { type Moments, momentsOf } from './moments.ts';
import { sharpe, sortino, volatility } from './ratios.ts';

/** A rolling figure: over how many returns, and how they are annualised. */
export interface RollingOptions extends RatioOptions {
  /** Returns a window, from 2. */
  readonly window: number;
}

/**
 * Returns the Sharpe ratio of the last `window` returns at each; NaN before the first whole window and where it is undefined.
 * Each window is computed anew, so that nothing of what left it remains. @complexity O(returns × window)
 */
export const rollingSharpe = (returns: Float64Array, options: RollingOptions): Float64Array =>
  rolling(returns, options, (moments) => sharpe(moments, options));

/** Returns the Sortino ratio of the last `window` returns at each, as {@link rollingSharpe} does. */
export const rollingSortino = (returns: Float64Array, options: RollingOptions): Float64Array =>
  rolling(returns, options, (moments) => sortino(moments, options));

/** Returns the volatility of the last `window` returns at each, as {@link rollingSharpe} does. */
export const rollingVolatility = (returns: Float64Array, options: RollingOptions): Float64Array =>
  rolling(returns, options, (moments) => volatility(moments, options));

function rolling(
  returns: Float64Array,
  { window }: RollingOptions,
  figure: (moments: Moments) => number | undefined,
): Float64Array {
  return eachWindow(returns.length, window, (from, to) =>
    figure(momentsOf(returns.subarray(from, to))),
  );
}

/**
 * Returns the beta of the last `window` returns at each; NaN before the first whole window, in a window in which a return
 * of either is missing, and where it is undefined.
 * @param against the benchmark's returns, NaN where missing; of one length.
 */
export function rollingBeta(
  returns: Float64Array,
  against: Float64Array,
  options: RollingOptions,
): Float64Array {
  assert(returns.length === against.length, 'a benchmark return for each return');
  const { window } = options;
  return eachWindow(returns.length, window, (from, to) => {
    const { pairs, beta } = relate(returns.subarray(from, to), against.subarray(from, to), options);
    return pairs === window ? beta : undefined;
  });
}

function eachWindow(
  count: number,
  window: number,
  figure: (from: number, to: number) => number | undefined,
): Float64Array {
  assert(Number.isInteger(window) && window >= 2, `a window has 2 returns or more: ${window}`);
  const column = new Float64Array(count).fill(Number.NaN);
  for (let to = window; to <= count; to += 1) {
    column[to - 1] = figure(to - window, to) ?? Number.NaN;
  }
  return column;
}
