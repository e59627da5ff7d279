import type { PriceNanos, TimeUs } from './numbers.ts';
import { timeUs, US_PER_MINUTE } from './numbers.ts';

/** A span of bars. Intraday spans are whole minutes; `1d` is a session. */
export const TIMEFRAMES = ['1m', '5m', '15m', '30m', '1h', '1d'] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

const MINUTES: Readonly<Record<Exclude<Timeframe, '1d'>, number>> = {
  '1m': 1,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1h': 60,
};

/** Returns the length of an intraday timeframe in microseconds; `undefined` for a session. */
export function timeframeUs(timeframe: Timeframe): number | undefined {
  return timeframe === '1d' ? undefined : MINUTES[timeframe] * US_PER_MINUTE;
}

/** One bar of trades: known by symbol, timeframe, end and revision. */
export interface Bar {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Start of the span, inclusive. */
  readonly startUs: TimeUs;
  /** End of the span, exclusive: the earliest time at which the bar can be known. */
  readonly endUs: TimeUs;
  /** 0 for the first publication; a vendor's correction counts up. */
  readonly revision: number;
  readonly openNanos: PriceNanos;
  readonly highNanos: PriceNanos;
  readonly lowNanos: PriceNanos;
  readonly closeNanos: PriceNanos;
  /** Traded units, at the instrument's quantity scale. */
  readonly volume: number;
}

/** All bars of a feed that end at one time, and the statement that there are no more. */
export interface BarSlice {
  readonly feed: string;
  readonly endUs: TimeUs;
  /** Sorted by symbol. Symbols without a trade in the span are absent. */
  readonly bars: readonly Bar[];
}

/** Returns what is wrong with a bar's own numbers, or `undefined`. */
export function barProblem(bar: Bar): string | undefined {
  const { openNanos: open, highNanos: high, lowNanos: low, closeNanos: close } = bar;
  if (low <= 0) return 'low must be above zero';
  if (high < low) return 'high is below low';
  if (open < low || open > high) return 'open is outside low and high';
  if (close < low || close > high) return 'close is outside low and high';
  if (bar.volume < 0) return 'volume is negative';
  if (bar.endUs <= bar.startUs) return 'end is not after start';
  return undefined;
}

/** Returns the end of an intraday bar that starts at `startUs`. */
export function intradayEndUs(startUs: TimeUs, timeframe: Exclude<Timeframe, '1d'>): TimeUs {
  return timeUs(startUs + MINUTES[timeframe] * US_PER_MINUTE);
}
