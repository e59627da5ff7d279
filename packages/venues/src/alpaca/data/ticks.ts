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
export async function* alpacaTrades(
  { clients, answers, feed }: TicksSource,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketTrade[]> {
  for (const symbols of groupsOf(request.symbols)) {
    const asked = { what: `trades of ${namesOf(symbols)}`, feed, signal };
    const parameters = tickParameters(symbols, request, feed);
    const call = (pageToken: string | undefined) =>
      clients.stocks.stockTradesRaw(
        pageToken === undefined ? parameters : { ...parameters, pageToken },
        signal === undefined ? {} : { signal },
      );
    const instants = new InstantReader();
    const read = (text: string) => {
      const page = tradesAnswer.parse(parseWithIds(text));
      const rows = Object.entries(page.trades ?? {}).flatMap(([symbol, trades]) =>
        (trades ?? []).map((trade) => tradeOf(symbol, trade, instants)),
      );
      return { rows: rows.filter(within(request)), nextPageToken: pageTokenOf(tokenOf(page)) };
    };
    for await (const { rows } of answers.pages(asked, call, read)) if (rows.length > 0) yield rows;
  }
}

/** Asks for quotes, page by page. */
export async function* alpacaQuotes(
  { clients, answers, feed }: TicksSource,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketQuote[]> {
  for (const symbols of groupsOf(request.symbols)) {
    const asked = { what: `quotes of ${namesOf(symbols)}`, feed, signal };
    const parameters = tickParameters(symbols, request, feed);
    const call = (pageToken: string | undefined) =>
      clients.stocks.stockQuotesRaw(
        pageToken === undefined ? parameters : { ...parameters, pageToken },
        signal === undefined ? {} : { signal },
      );
    const instants = new InstantReader();
    const read = (text: string) => {
      const page = quotesAnswer.parse(JSON.parse(text));
      const rows = Object.entries(page.quotes ?? {}).flatMap(([symbol, quotes]) =>
        (quotes ?? []).map((quote) => quoteOf(symbol, quote, instants)),
      );
      return { rows: rows.filter(within(request)), nextPageToken: pageTokenOf(tokenOf(page)) };
    };
    for await (const { rows } of answers.pages(asked, call, read)) if (rows.length > 0) yield rows;
  }
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

function tickParameters(symbols: readonly string[], request: HistoryRequest, feed: AlpacaFeed) {
  return {
    symbols: symbols.join(','),
    feed: historicalFeed(feed),
    limit: PAGE_POINTS,
    sort: 'asc' as const,
    ...askedSpan(request),
  };
}

const within =
  ({ fromUs, toUs }: HistoryRequest) =>
  ({ atUs }: { readonly atUs: number }): boolean =>
    atUs >= fromUs && atUs < toUs;

const tokenOf = ({
  next_page_token,
}: {
  readonly next_page_token?: string | null | undefined;
}) => ({
  next_page_token: next_page_token ?? null,
});
