import {
  type Bar,
  type MarketQuote,
  type MarketTrade,
  mulDivRound,
  type PriceNanos,
  priceNanos,
  type SecondBar,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import type { TradeCounts } from './sale-conditions.ts';

/** A price at a time, with what breaks ties: never the order in which they came. */
export interface Tick {
  readonly atUs: number;
  readonly tie: string;
  readonly priceNanos: PriceNanos;
}

/** The first and the last of some ticks, and the bounds of their prices. */
export interface PriceRange {
  readonly first: Tick;
  readonly last: Tick;
  readonly highNanos: PriceNanos;
  readonly lowNanos: PriceNanos;
}

/** The minute of which a bar is made. */
export interface MinuteOf {
  readonly symbol: string;
  readonly endUs: number;
}

/**
 * Makes the bar of a minute of its trades, in whatever order they came; `undefined` where none of them makes a price. Where no trade
 * counts for open and close, those do that count for high and low.
 */
export function barOfTrades(
  of: MinuteOf,
  trades: readonly MarketTrade[],
  countsOf: (conditions: readonly string[]) => TradeCounts,
): Bar | undefined {
  let last: PriceRange | undefined;
  let extremes: PriceRange | undefined;
  let volume = 0;
  for (const { atUs, priceNanos: price, size, tradeId, exchange, conditions } of trades) {
    const counts = countsOf(conditions);
    const tick = {
      atUs,
      tie: `${tradeId.padStart(TIE_LENGTH, '0')} ${exchange}`,
      priceNanos: price,
    };
    if (counts.last) last = widened(last, tick);
    if (counts.last || counts.extremes) extremes = widened(extremes, tick);
    if (counts.volume) volume += size;
  }
  if (extremes === undefined) return undefined;
  const { first, last: final } = last ?? extremes;
  return barOfRange(of, { ...extremes, first, last: final }, volume);
}

/** Makes the bar of a minute of its bars of one second, each told once, in whatever order; `undefined` where there is none. */
export function barOfSeconds(of: MinuteOf, seconds: readonly SecondBar[]): Bar | undefined {
  const sorted = seconds.toSorted((a, b) => a.startUs - b.startUs);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return {
    ...spanOf(of),
    openNanos: first.openNanos,
    highNanos: priceNanos(Math.max(...sorted.map(({ highNanos }) => highNanos))),
    lowNanos: priceNanos(Math.min(...sorted.map(({ lowNanos }) => lowNanos))),
    closeNanos: last.closeNanos,
    volume: sorted.reduce((sum, { volume }) => sum + volume, 0),
  };
}

/** Returns the middle of a quote as a tick; `undefined` where it has one side only, or its sides have crossed. */
export function quoteTick({ atUs, bidNanos, askNanos }: MarketQuote): Tick | undefined {
  if (bidNanos <= 0 || askNanos < bidNanos) return undefined;
  const middle = priceNanos(bidNanos + mulDivRound(askNanos - bidNanos, 1, 2));
  return { atUs, tie: `${bidNanos} ${askNanos}`, priceNanos: middle };
}

/** Returns a range with one more tick in it. */
export function widened(range: PriceRange | undefined, tick: Tick): PriceRange {
  const { priceNanos: price } = tick;
  if (range === undefined) return { first: tick, last: tick, highNanos: price, lowNanos: price };
  return {
    first: isBefore(tick, range.first) ? tick : range.first,
    last: isBefore(range.last, tick) ? tick : range.last,
    highNanos: price > range.highNanos ? price : range.highNanos,
    lowNanos: price < range.lowNanos ? price : range.lowNanos,
  };
}

/** Makes a bar of a range. */
export function barOfRange(of: MinuteOf, range: PriceRange, volume: number): Bar {
  return {
    ...spanOf(of),
    openNanos: range.first.priceNanos,
    highNanos: range.highNanos,
    lowNanos: range.lowNanos,
    closeNanos: range.last.priceNanos,
    volume,
  };
}

const spanOf = ({ symbol, endUs }: MinuteOf) => ({
  symbol,
  timeframe: '1m' as const,
  startUs: timeUs(endUs - US_PER_MINUTE),
  endUs: timeUs(endUs),
  revision: 0,
});

/** Ids are numbers that rise, at most vendors: as texts of one length they sort as such. */
const TIE_LENGTH = 24;

function isBefore(one: Tick, other: Tick): boolean {
  return one.atUs < other.atUs || (one.atUs === other.atUs && one.tie < other.tie);
}
