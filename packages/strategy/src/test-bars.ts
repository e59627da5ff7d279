import { type Bar, priceNanos, type Timeframe, timeUs, US_PER_MINUTE } from '@capstan/domain';
import type { BarColumns } from '@capstan/indicators';

const CENT = 10_000_000;

/** A bar with all four prices at one, in cents. @param minute its number; it ends with that minute. */
export function flatBar(minute: number, cents: number, more: Partial<Bar> = {}): Bar {
  const price = priceNanos(cents * CENT);
  return {
    symbol: 'SPY',
    timeframe: '1m',
    startUs: timeUs((minute - 1) * US_PER_MINUTE),
    endUs: timeUs(minute * US_PER_MINUTE),
    revision: 0,
    openNanos: price,
    highNanos: price,
    lowNanos: price,
    closeNanos: price,
    volume: 100,
    ...more,
  };
}

/** Bars of one symbol and timeframe as columns. */
export function columnsOf(bars: readonly Bar[], timeframe: Timeframe): BarColumns {
  const own = bars.filter((bar) => bar.timeframe === timeframe);
  return {
    endUs: Float64Array.from(own, (bar) => bar.endUs),
    openNanos: Float64Array.from(own, (bar) => bar.openNanos),
    highNanos: Float64Array.from(own, (bar) => bar.highNanos),
    lowNanos: Float64Array.from(own, (bar) => bar.lowNanos),
    closeNanos: Float64Array.from(own, (bar) => bar.closeNanos),
    volume: Float64Array.from(own, (bar) => bar.volume),
  };
}
