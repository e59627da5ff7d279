import type { marketData } from '@alpacahq/alpaca-trade-api';
import type { MarketQuote, MarketTrade } from '@capstan/domain';
import type { HistoryRequest } from '@capstan/ports';
import { z } from 'zod';
import { wholeUnits } from '../../market/whole-units.ts';
import { nanosOfNumber } from '../../requests/exact-numbers.ts';
import { InstantReader } from '../../requests/instant.ts';
import { type AlpacaAnswers, type AlpacaClients, pageTokenOf } from './alpaca-rest.ts';
import { askedSpan, groupsOf, historicalFeed, namesOf } from './bars.ts';
import type { AlpacaFeed } from './feeds.ts';
import { PAGE_POINTS } from './limits.ts';

/** Where trades and quotes are asked for. */
export interface TicksSource {
  readonly clients: Pick<AlpacaClients, 'stocks'>;
  readonly answers: AlpacaAnswers;
  readonly feed: AlpacaFeed;
}

/** A trade as Alpaca writes it. Its id may be beyond 2^53, so it is read as text. */
export const wireTrade = z.object({
  t: z.string(),
  p: z.number(),
  s: z.number(),
  x: z.string(),
  i: z.union([z.string(), z.number()]),
  /** Of stocks a list, of options one code. */
  c: z.union([z.array(z.string()), z.string()]).nullish(),
});
export const wireQuote = z.object({
  t: z.string(),
  bp: z.number(),
  bs: z.number(),
  ap: z.number(),
  as: z.number(),
});

const paged = { next_page_token: z.string().nullish() };
const tradesAnswer = z.object({
  trades: z.record(z.string(), z.array(wireTrade).nullable()).nullish(),
  ...paged,
});
const quotesAnswer = z.object({
  quotes: z.record(z.string(), z.array(wireQuote).nullable()).nullish(),
  ...paged,
});

/** Asks for trades, page by page. */
export function alpacaTrades(
  source: TicksSource,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketTrade[]> {
  const { stocks } = source.clients;
  return ticks(source, request, signal, {
    what: 'trades',
    ask: (parameters, init) => stocks.stockTradesRaw(parameters, init),
    read: (text, instants) => {
      const { trades, next_page_token: token } = tradesAnswer.parse(parseWithIds(text));
      return { rows: rowsOf(trades, (symbol, one) => tradeOf(symbol, one, instants)), token };
    },
  });
}

/** Asks for quotes, page by page. */
export function alpacaQuotes(
  source: TicksSource,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketQuote[]> {
  const { stocks } = source.clients;
  return ticks(source, request, signal, {
    what: 'quotes',
    ask: (parameters, init) => stocks.stockQuotesRaw(parameters, init),
    read: (text, instants) => {
      const { quotes, next_page_token: token } = quotesAnswer.parse(JSON.parse(text));
      return { rows: rowsOf(quotes, (symbol, one) => quoteOf(symbol, one, instants)), token };
    },
  });
}

/** One of the two, as Alpaca has it. */
interface TicksKind<Tick> {
  readonly what: string;
  readonly ask: (
    parameters: marketData.StockTradesRequest,
    init: RequestInit,
  ) => Promise<{ readonly raw: Response }>;
  readonly read: (
    text: string,
    instants: InstantReader,
  ) => { readonly rows: readonly Tick[]; readonly token: string | null | undefined };
}

async function* ticks<Tick extends { readonly atUs: number }>(
  { answers, feed }: TicksSource,
  request: HistoryRequest,
  signal: AbortSignal | undefined,
  { what, ask, read }: TicksKind<Tick>,
): AsyncIterable<readonly Tick[]> {
  const { fromUs, toUs } = request;
  for (const symbols of groupsOf(request.symbols)) {
    const asked = { what: `${what} of ${namesOf(symbols)}`, feed, signal };
    const parameters = {
      symbols: symbols.join(','),
      feed: historicalFeed(feed),
      limit: PAGE_POINTS,
      sort: 'asc' as const,
      ...askedSpan(request),
    };
    const init = signal === undefined ? {} : { signal };
    const call = (pageToken: string | undefined) =>
      ask(pageToken === undefined ? parameters : { ...parameters, pageToken }, init);
    const instants = new InstantReader();
    const readPage = (text: string) => {
      const { rows, token } = read(text, instants);
      const within = rows.filter(({ atUs }) => atUs >= fromUs && atUs < toUs);
      return { rows: within, nextPageToken: pageTokenOf({ next_page_token: token ?? null }) };
    };
    for await (const { rows } of answers.pages(asked, call, readPage)) {
      if (rows.length > 0) yield rows;
    }
  }
}

/** The rows of all symbols of a page. */
function rowsOf<Row, Tick>(
  bySymbol: Readonly<Record<string, readonly Row[] | null>> | null | undefined,
  map: (symbol: string, row: Row) => Tick,
): readonly Tick[] {
  return Object.entries(bySymbol ?? {}).flatMap(([symbol, rows]) =>
    (rows ?? []).map((row) => map(symbol, row)),
  );
}

export function tradeOf(
  symbol: string,
  trade: z.infer<typeof wireTrade>,
  instants: InstantReader,
): MarketTrade {
  return {
    symbol,
    atUs: instants.read(trade.t),
    priceNanos: nanosOfNumber(trade.p),
    size: wholeUnits(trade.s),
    tradeId: String(trade.i),
    exchange: trade.x,
    conditions: [trade.c ?? []].flat(),
  };
}

export function quoteOf(
  symbol: string,
  quote: z.infer<typeof wireQuote>,
  instants: InstantReader,
): MarketQuote {
  return {
    symbol,
    atUs: instants.read(quote.t),
    bidNanos: nanosOfNumber(quote.bp),
    bidSize: wholeUnits(quote.bs),
    askNanos: nanosOfNumber(quote.ap),
    askSize: wholeUnits(quote.as),
  };
}

/** Parses JSON in which the whole numbers under `i` are ids: kept as they are written, however long. */
export function parseWithIds(text: string): unknown {
  const keepIds = (key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    key === 'i' && typeof value === 'number' ? (context?.source ?? String(value)) : value;
  return JSON.parse(text, keepIds);
}
