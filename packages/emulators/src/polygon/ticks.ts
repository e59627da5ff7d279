import { dayNumber } from '@capstan/calendar';
import { priceToFloat } from '@capstan/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { midnightUs } from './aggregates.ts';
import type { PolygonDesk } from './desk.ts';
import { nanosOf } from './json-text.ts';
import { type PagedQuery, PolygonRefusal, pagedQuery, pageOf, type Query } from './paging.ts';
import type { TapeQuote, TapeTrade } from './world.ts';

const TICK_LIMITS = { byDefault: 1_000, most: 50_000 } as const;

/** Trades and quotes, their last ones too. */
export function serveTicks(app: FastifyInstance, desk: PolygonDesk): void {
  app.get('/v3/trades/:ticker', (request) => {
    const { ticker, span, order } = ticksAsked(request, desk);
    const rows = inOrder(desk.world.trades(ticker, span.fromUs, span.toUs), order);
    const page = pageOf(request, rows, TICK_LIMITS);
    return desk.answer({ rows: page.rows.map(tradeRow), next: page.next });
  });
  app.get('/v3/quotes/:ticker', (request) => {
    const { ticker, span, order } = ticksAsked(request, desk);
    const rows = inOrder(desk.world.quotes(ticker, span.fromUs, span.toUs), order);
    const page = pageOf(request, rows, TICK_LIMITS);
    return desk.answer({ rows: page.rows.map(quoteRow), next: page.next });
  });
  app.get('/v2/last/trade/:ticker', (request) => {
    const ticker = desk.tickerOf(request);
    const trade = desk.world.trades(ticker, ...desk.lately()).at(-1);
    if (trade === undefined) throw new PolygonRefusal(404, 'Data not found.');
    return { ...desk.answer({}), results: lastTradeRow(trade) };
  });
  app.get('/v2/last/nbbo/:ticker', (request) => {
    const ticker = desk.tickerOf(request);
    const quote = desk.world.quotes(ticker, ...desk.lately()).at(-1);
    if (quote === undefined) throw new PolygonRefusal(404, 'Data not found.');
    return { ...desk.answer({}), results: lastQuoteRow(quote) };
  });
}

interface TicksAsked {
  readonly ticker: string;
  readonly span: { readonly fromUs: number; readonly toUs: number };
  readonly order: string;
}

function ticksAsked(request: FastifyRequest, desk: PolygonDesk): TicksAsked {
  const { query }: PagedQuery = pagedQuery(request);
  const nowUs = desk.nowUs();
  const span = timestampSpan(query);
  return {
    ticker: desk.tickerOf(request),
    span: { fromUs: span.fromUs, toUs: Math.min(span.toUs, nowUs) },
    order: query.order ?? 'desc',
  };
}

const inOrder = <T>(rows: readonly T[], order: string): readonly T[] =>
  order === 'asc' ? rows : [...rows].reverse();

/** Reads `timestamp` and its bounds, dates of New York or nanoseconds, as microseconds `[fromUs, toUs)`. */
function timestampSpan(query: Query): { readonly fromUs: number; readonly toUs: number } {
  let fromUs = 0;
  let toUs = Number.MAX_SAFE_INTEGER;
  for (const [key, text] of Object.entries(query)) {
    const [name, bound = 'is'] = key.split('.');
    if (name !== 'timestamp') continue;
    const { startUs, endUs } = readMoment(text);
    if (bound === 'is' || bound === 'gte') fromUs = Math.max(fromUs, startUs);
    if (bound === 'gt') fromUs = Math.max(fromUs, endUs);
    if (bound === 'is' || bound === 'lte') toUs = Math.min(toUs, endUs);
    if (bound === 'lt') toUs = Math.min(toUs, startUs);
  }
  return { fromUs, toUs };
}

/** A day or a nanosecond as the span that it is, rounded up to whole microseconds: the tape stands on those. */
function readMoment(text: string): { readonly startUs: number; readonly endUs: number } {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const day = dayNumber(text);
    return { startUs: midnightUs(day), endUs: midnightUs(day + 1) };
  }
  if (!/^\d{1,19}$/.test(text)) {
    throw new PolygonRefusal(400, "'timestamp' must be a date or nanoseconds.");
  }
  const nanos = BigInt(text);
  const startUs = Number((nanos + 999n) / 1000n);
  return { startUs, endUs: Number(nanos / 1000n) + 1 };
}

const numbersOf = (codes: readonly string[]): readonly number[] => codes.map(Number);

const tradeRow = (trade: TapeTrade) => ({
  ...(trade.conditions.length === 0 ? {} : { conditions: numbersOf(trade.conditions) }),
  exchange: Number(trade.exchange),
  id: trade.tradeId,
  participant_timestamp: nanosOf(trade.atUs - 150),
  price: priceToFloat(trade.priceNanos),
  sequence_number: trade.sequence,
  sip_timestamp: nanosOf(trade.atUs),
  size: trade.size,
  decimal_size: String(trade.size),
  tape: 3,
});

const quoteRow = (quote: TapeQuote) => ({
  ask_exchange: 11,
  ask_price: priceToFloat(quote.askNanos),
  ask_size: quote.askSize,
  bid_exchange: 12,
  bid_price: priceToFloat(quote.bidNanos),
  bid_size: quote.bidSize,
  participant_timestamp: nanosOf(quote.atUs - 150),
  sequence_number: quote.sequence,
  sip_timestamp: nanosOf(quote.atUs),
  tape: 3,
});

const lastTradeRow = (trade: TapeTrade) => ({
  T: trade.symbol,
  ...(trade.conditions.length === 0 ? {} : { c: numbersOf(trade.conditions) }),
  i: trade.tradeId,
  p: priceToFloat(trade.priceNanos),
  q: trade.sequence,
  s: trade.size,
  ds: String(trade.size),
  t: nanosOf(trade.atUs),
  x: Number(trade.exchange),
  y: nanosOf(trade.atUs - 150),
  z: 3,
});

const lastQuoteRow = (quote: TapeQuote) => ({
  T: quote.symbol,
  P: priceToFloat(quote.askNanos),
  S: quote.askSize,
  X: 11,
  p: priceToFloat(quote.bidNanos),
  s: quote.bidSize,
  x: 12,
  q: quote.sequence,
  t: nanosOf(quote.atUs),
  y: nanosOf(quote.atUs - 150),
  z: 3,
});
