import type { IndicatorBar } from './kernel.ts';

/** Naive definitions, straight from the textbook and over whole histories: what the kernels are tested against. */

/** The mean of the last `period` of `history`. */
export function naiveSma(history: readonly number[], period: number): number | undefined {
  if (history.length < period) return undefined;
  const window = history.slice(-period);
  return window.reduce((sum, value) => sum + value / period, 0);
}

/** Weighted mean `y = w·x + (1 − w)·y` from the mean of the first `period`. */
export function naiveSmoothed(
  history: readonly number[],
  period: number,
  weight: number,
): number | undefined {
  if (history.length < period) return undefined;
  let mean = history.slice(0, period).reduce((sum, value) => sum + value / period, 0);
  for (const value of history.slice(period)) mean = weight * value + (1 - weight) * mean;
  return mean;
}

/** The true range of each bar as the greatest of three distances. */
export function naiveTrueRanges(bars: readonly IndicatorBar[]): readonly number[] {
  return bars.map((bar, index) => {
    const previous = bars[index - 1]?.closeNanos;
    const spread = bar.highNanos - bar.lowNanos;
    if (previous === undefined) return spread;
    return Math.max(spread, Math.abs(bar.highNanos - previous), Math.abs(bar.lowNanos - previous));
  });
}

/** Bars of the last bar's session, as exact thrice typical prices with their volumes. */
function sessionTrades(bars: readonly IndicatorBar[]): readonly (readonly [bigint, bigint])[] {
  const session = bars.at(-1)?.sessionOpenUs;
  const trades: (readonly [bigint, bigint])[] = [];
  if (session === undefined) return trades;
  for (const bar of bars.toReversed()) {
    if (bar.sessionOpenUs === undefined) continue;
    if (bar.sessionOpenUs !== session) break;
    const typical = bar.highNanos + bar.lowNanos + bar.closeNanos;
    trades.push([BigInt(typical), BigInt(bar.volume)]);
  }
  return trades;
}

/** VWAP of the last bar's session over hlc3 × volume, in exact integers until the one division. */
export function naiveVwap(bars: readonly IndicatorBar[]): number | undefined {
  let notional = 0n;
  let volume = 0n;
  for (const [typical, traded] of sessionTrades(bars)) {
    notional += typical * traded;
    volume += traded;
  }
  return volume === 0n ? undefined : Number((notional * 1000n) / (volume * 3n)) / 1000;
}

/** Volume-weighted deviation of hlc3 in that session, in exact integers until the root. */
export function naiveVwapDeviation(bars: readonly IndicatorBar[]): number | undefined {
  let sum = 0n;
  let squares = 0n;
  let volume = 0n;
  for (const [typical, traded] of sessionTrades(bars)) {
    sum += typical * traded;
    squares += typical * typical * traded;
    volume += traded;
  }
  if (volume === 0n) return undefined;
  return Math.sqrt(Number((squares * volume - sum * sum) / (volume * volume))) / 3;
}
