import { assert } from '@capstan/domain';

/** What a column must have so that its tail means something: a return that is no number leaves it undefined. */
function ascending(values: Float64Array): Float64Array | undefined {
  const sorted = values.slice().sort();
  const last = sorted[sorted.length - 1];
  return last === undefined || Number.isNaN(last) ? undefined : sorted;
}

/**
 * Returns a quantile of a sample, linear between order statistics; `undefined` without observations.
 * @param fraction 0 to 1. @source Hyndman and Fan, 1996, type 7
 */
export function quantile(values: Float64Array, fraction: number): number | undefined {
  const sorted = ascending(values);
  return sorted === undefined ? undefined : quantileOfSorted(sorted, fraction);
}

function quantileOfSorted(sorted: Float64Array, fraction: number): number {
  assert(fraction >= 0 && fraction <= 1, `fraction ${fraction} is outside 0 to 1`);
  const at = (sorted.length - 1) * fraction;
  const row = Math.floor(at);
  const low = sorted[row] as number;
  const high = sorted[row + 1];
  return high === undefined ? low : low + (at - row) * (high - low);
}

/** The tail of a sample of returns. */
export interface Tail {
  /** The return that only the given share of observations falls below; negative is a loss. */
  readonly valueAtRisk: number;
  /** The mean of the returns at or below it. */
  readonly conditional: number;
}

/**
 * Returns historical value at risk and its conditional mean, as returns: negative where money is lost; `undefined` below two
 * observations.
 * @param share of the tail: 0.05 for 95 % confidence.
 * @source Hyndman and Fan, 1996, type 7; Rockafellar and Uryasev, 2000
 */
export function lowerTail(values: Float64Array, share: number): Tail | undefined {
  const sorted = ascending(values);
  if (sorted === undefined || sorted.length < 2) return undefined;
  const valueAtRisk = quantileOfSorted(sorted, share);
  let sum = 0;
  let count = 0;
  for (const value of sorted) {
    if (value > valueAtRisk) break;
    sum += value;
    count += 1;
  }
  return { valueAtRisk, conditional: sum / count };
}
