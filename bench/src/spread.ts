import type { Spread } from './benchmark.ts';

/**
 * Returns the value that a share of all values do not exceed (nearest rank).
 * @param sorted ascending, at least one. @param share above 0, up to 1.
 */
export function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no percentile of nothing');
  return value;
}

/** Sums times up. @param values milliseconds, at least one. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  };
}
