import type { MarketQuote, TimeUs } from '@capstan/domain';
import type { BarRecord } from '@capstan/ports';
import * as wire from '../gen/capstan/market/v1/market.ts';
import { timeframes } from './enums.ts';
import { decodeAs, int64 } from './wire.ts';

/** Every bar of the feed that ends at `endUs` has been published. */
export interface BarsClosed {
  readonly runId: string;
  readonly feed: string;
  readonly endUs: TimeUs;
  /** The symbols that have a bar in the slice, sorted: a receiver knows by them that it has all of it. */
  readonly symbols: readonly string[];
  readonly last: boolean;
}

export function barToWire(bar: BarRecord): wire.Bar {
  return {
    symbol: bar.symbol,
    timeframe: timeframes.toWire(bar.timeframe),
    startUs: int64.of(bar.startUs),
    endUs: int64.of(bar.endUs),
    revision: bar.revision,
    openNanos: int64.of(bar.openNanos),
    highNanos: int64.of(bar.highNanos),
    lowNanos: int64.of(bar.lowNanos),
    closeNanos: int64.of(bar.closeNanos),
    volume: int64.of(bar.volume),
    runId: bar.runId,
    feed: bar.feed,
    venue: bar.venue,
  };
}

export function barFromWire(bar: wire.Bar): BarRecord {
  return {
    symbol: bar.symbol,
    timeframe: timeframes.fromWire(bar.timeframe),
    startUs: int64.time(bar.startUs),
    endUs: int64.time(bar.endUs),
    revision: bar.revision,
    openNanos: int64.price(bar.openNanos),
    highNanos: int64.price(bar.highNanos),
    lowNanos: int64.price(bar.lowNanos),
    closeNanos: int64.price(bar.closeNanos),
    volume: int64.number(bar.volume),
    runId: bar.runId,
    feed: bar.feed,
    venue: bar.venue,
  };
}

export const encodeBar = (bar: BarRecord): Uint8Array => wire.Bar.encode(barToWire(bar)).finish();
export const decodeBar = (data: Uint8Array): BarRecord =>
  barFromWire(decodeAs('Bar', wire.Bar, data));

export function encodeBarsClosed(closed: BarsClosed): Uint8Array {
  const { runId, feed, last } = closed;
  const endUs = int64.of(closed.endUs);
  return wire.BarsClosed.encode({
    runId,
    feed,
    endUs,
    symbols: [...closed.symbols],
    last,
  }).finish();
}

export function decodeBarsClosed(data: Uint8Array): BarsClosed {
  const { runId, feed, endUs, symbols, last } = decodeAs('BarsClosed', wire.BarsClosed, data);
  return { runId, feed, endUs: int64.time(endUs), symbols, last };
}

/** A quote as a feed publishes it. */
export interface QuoteRecord extends MarketQuote {
  readonly runId: string;
  readonly feed: string;
  readonly venue: string;
  /** Of an option. */
  readonly underlying?: string;
}

export function encodeQuote(quote: QuoteRecord): Uint8Array {
  const { symbol, runId, feed, venue, underlying = '' } = quote;
  return wire.Quote.encode({
    ...{ symbol, runId, feed, venue, underlying },
    atUs: int64.of(quote.atUs),
    bidNanos: int64.of(quote.bidNanos),
    bidSize: int64.of(quote.bidSize),
    askNanos: int64.of(quote.askNanos),
    askSize: int64.of(quote.askSize),
  }).finish();
}

/** @throws CONTRACTS.MALFORMED */
export function decodeQuote(data: Uint8Array): QuoteRecord {
  const { underlying, ...quote } = decodeAs('Quote', wire.Quote, data);
  return {
    ...quote,
    atUs: int64.time(quote.atUs),
    bidNanos: int64.price(quote.bidNanos),
    bidSize: int64.number(quote.bidSize),
    askNanos: int64.price(quote.askNanos),
    askSize: int64.number(quote.askSize),
    ...(underlying === '' ? {} : { underlying }),
  };
}
