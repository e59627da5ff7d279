import type { MarketQuote, MarketTrade } from '@capstan/domain';
import type { HistoryRequest } from '@capstan/ports';
import { wholeUnits } from '../market/whole-units.ts';
import { PAGE_ROWS } from './limits.ts';
import type { PolygonRest, QueryPart } from './polygon-rest.ts';
import { tickerOf } from './symbols.ts';
import { codesOf, priceOf, usOfNanos, type WireNanos } from './wire-values.ts';

interface WireTrade {
  readonly sip_timestamp?: WireNanos;
  readonly price?: number;
  readonly size?: number;
  readonly id?: string;
  readonly exchange?: number;
  readonly conditions?: readonly number[];
  readonly sequence_number?: number;
}

interface WireQuote {
  readonly sip_timestamp?: WireNanos;
  readonly bid_price?: number;
  readonly bid_size?: number;
  readonly ask_price?: number;
  readonly ask_size?: number;
}

/** Asks for the trades of a symbol in a span, oldest first. */
export async function* polygonTrades(
  rest: PolygonRest,
  symbol: string,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketTrade[]> {
  const pages = rest.pages<WireTrade>(
    `trades of ${symbol}`,
    { method: 'getStocksTrades', path: [tickerOf(symbol)] },
    spanQuery(request),
    signal,
  );
  for await (const rows of pages) yield rows.map((row) => tradeOf(row, symbol));
}

/** Asks for the quotes of a symbol in a span, oldest first. */
export async function* polygonQuotes(
  rest: PolygonRest,
  symbol: string,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketQuote[]> {
  const pages = rest.pages<WireQuote>(
    `quotes of ${symbol}`,
    { method: 'getStocksQuotes', path: [tickerOf(symbol)] },
    spanQuery(request),
    signal,
  );
  for await (const rows of pages) yield rows.map((row) => quoteOf(row, symbol));
}

const spanQuery = ({ fromUs, toUs }: HistoryRequest): QueryPart => ({
  'timestamp.gte': `${fromUs}000`,
  'timestamp.lt': `${toUs}000`,
  order: 'asc',
  sort: 'timestamp',
  limit: PAGE_ROWS,
});

function tradeOf(row: WireTrade, symbol: string): MarketTrade {
  return {
    symbol,
    atUs: usOfNanos(row.sip_timestamp),
    priceNanos: priceOf(row.price),
    size: wholeUnits(row.size ?? 0),
    // Trades of options have no id; their place in the sequence is as good.
    tradeId: row.id ?? String(row.sequence_number ?? ''),
    exchange: String(row.exchange ?? ''),
    conditions: codesOf(row.conditions),
  };
}

/** A side that nobody quotes is left out. */
function quoteOf(row: WireQuote, symbol: string): MarketQuote {
  return {
    symbol,
    atUs: usOfNanos(row.sip_timestamp),
    bidNanos: priceOf(row.bid_price ?? 0),
    bidSize: wholeUnits(row.bid_size ?? 0),
    askNanos: priceOf(row.ask_price ?? 0),
    askSize: wholeUnits(row.ask_size ?? 0),
  };
}
