/**
 * Returns how many bars a bot reads before the first at which it may decide: at least twice its warm-up, for averages that never
 * quite forget where they began, rounded up to a power of two, so that nearby parameters begin at the same bar.
 * @param warmupBars as `strategyWarmup` gives it.
 */
export function historyBars(warmupBars: number): number {
  return 2 ** Math.ceil(Math.log2(2 * warmupBars + 10));
}
