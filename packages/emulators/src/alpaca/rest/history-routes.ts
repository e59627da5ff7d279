import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BarSource } from '../../market/market-world.ts';
import type { SlotTrade } from '../../market/minute-trades.ts';
import { ADJUSTMENTS, type Adjustment, Adjustments, RAW } from '../data/adjustments.ts';
import { parseTimeframe } from '../data/bar-rows.ts';
import { type BarsPage, barsPage } from '../data/bars-page.ts';
import { historyFeed } from '../data/feeds.ts';
import { ticksPage } from '../data/ticks-page.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { badRequest } from '../refusal.ts';
import { quoteFields, tradeFields } from '../streams/stream-channels.ts';
import { utcText } from '../wire-text.ts';
import { countOf, listOf, type Query, textOf, timeOf, wordOf } from './query.ts';

const ROWS_STANDARD = 1_000;
const ROWS_MAX = 10_000;
const SYMBOLS_MAX = 5_000;
const US_PER_UTC_DAY = 86_400_000_000;

/** What is asked of history: a feed's share of all volume, and the span. */
export interface HistorySpan {
  readonly fromUs: number;
  /** Not included. */
  readonly toUs: number;
  readonly nowUs: number;
  readonly volumeFraction: number;
}

type PageMaker = (query: Query, symbols: readonly string[]) => BarsPage;

/** Adds the routes of the history of shares: bars, trades and quotes, of many symbols and of one. */
export function addHistoryRoutes(app: FastifyInstance, context: EmulatorContext): void {
  const { world, prices } = context;
  const routes: Readonly<Record<string, PageMaker>> = {
    bars: (query, symbols) => barsOf(context, query, symbols),
    trades: (query, symbols) => {
      const span = spanOf(context, query);
      const write = (trade: SlotTrade): string => tradeText(trade, span.volumeFraction);
      return ticksPage(world, prices, ticksQuery(query, symbols, span, 0, write), span.nowUs);
    },
    quotes: (query, symbols) => {
      const span = spanOf(context, query);
      const write = (trade: SlotTrade): string => JSON.stringify(quoteFields(trade, utcText));
      const ticks = ticksQuery(query, symbols, span, QUOTE_LEAD_US, write);
      return ticksPage(world, prices, ticks, span.nowUs);
    },
  };
  for (const [name, make] of Object.entries(routes)) {
    app.get(`/v2/stocks/${name}`, async (request, reply) => {
      const query = request.query as Query;
      const isEmpty = request.fault?.kind === 'emptyPage';
      const page = isEmpty ? emptyPage(query) : make(query, symbolsOf(query));
      await sendPage(reply, name, page);
    });
    app.get<{ Params: { symbol: string } }>(
      `/v2/stocks/:symbol/${name}`,
      async (request, reply) => {
        const { symbol } = request.params;
        const query = request.query as Query;
        const page = request.fault?.kind === 'emptyPage' ? emptyPage(query) : make(query, [symbol]);
        await sendPageOfOne(reply, name, symbol, page);
      },
    );
  }
}

const QUOTE_LEAD_US = 1_000;

/** A page without rows, from which the next one goes on where this one would have begun. */
export function emptyPage(query: Query): BarsPage {
  return { rows: new Map(), nextToken: textOf(query, 'page_token') ?? FIRST_PAGE };
}

/** Stands for the beginning: it comes before every symbol. */
const FIRST_PAGE = Buffer.from('!|0').toString('base64url');

/** Reads the symbols that are asked for, sorted. @throws Refusal 400 */
export function symbolsOf(query: Query): readonly string[] {
  const symbols = [...new Set(listOf(query, 'symbols'))].sort();
  if (symbols.length === 0) throw badRequest('symbols is required');
  if (symbols.length > SYMBOLS_MAX) throw badRequest(`at most ${SYMBOLS_MAX} symbols`);
  for (const symbol of symbols) {
    if (!/^[A-Z][A-Z0-9./]*$/.test(symbol)) throw badRequest(`invalid symbol: ${symbol}`);
  }
  return symbols;
}

/** Reads the span of a request for history. @throws Refusal */
export function spanOf(context: EmulatorContext, query: Query): HistorySpan {
  const nowUs = context.now();
  const fromUs = timeOf(query, 'start') ?? nowUs - (nowUs % US_PER_UTC_DAY);
  const end = timeOf(query, 'end');
  const toUs = end === undefined ? nowUs : end + 1;
  if (fromUs > toUs) throw badRequest('end should not be before start');
  const feed = historyFeed(context.plan, textOf(query, 'feed'), toUs, nowUs);
  return { fromUs, toUs, nowUs, volumeFraction: feed.volumeFraction };
}

/** Makes the page of bars that a request asks for. */
export function barsOf(
  context: EmulatorContext,
  query: Query,
  symbols: readonly string[],
  source: BarSource = context.world,
  { fromUs, toUs, nowUs, volumeFraction }: HistorySpan = spanOf(context, query),
): BarsPage {
  const adjustments = adjustmentsOf(query);
  const isRaw = adjustments.every((one) => one === 'raw');
  const asOf = textOf(query, 'asof');
  const asOfUs = asOf === undefined || asOf === '-' ? nowUs : (timeOf(query, 'asof') ?? nowUs);
  const asOfIndex = context.world.days.firstEndingAfter(asOfUs);
  const bars = {
    ...{ symbols, fromUs, toUs, volumeFraction, isRaw },
    span: parseTimeframe(textOf(query, 'timeframe') ?? ''),
    limit: countOf(query, 'limit', ROWS_STANDARD, ROWS_MAX),
    factorsOf: (symbol: string) =>
      isRaw ? { at: () => RAW } : new Adjustments(context.world, symbol, adjustments, asOfIndex),
    isDescending: wordOf(query, 'sort', ['asc', 'desc'], 'asc') === 'desc',
    ...tokenOf(query),
  };
  return barsPage(source, bars, nowUs);
}

/** Makes the parts of a request for trades or quotes. */
export function ticksQuery(
  query: Query,
  symbols: readonly string[],
  { fromUs, toUs }: HistorySpan,
  leadUs: number,
  write: (trade: SlotTrade) => string,
) {
  const limit = countOf(query, 'limit', ROWS_STANDARD, ROWS_MAX);
  return { symbols, fromUs, toUs, limit, leadUs, write, ...tokenOf(query) };
}

export const tradeText = (trade: SlotTrade, volumeFraction: number): string =>
  JSON.stringify(tradeFields(trade, volumeFraction, utcText));

/** Sends the rows of many symbols, as they are written. */
export async function sendPage(
  reply: FastifyReply,
  name: string,
  { rows, nextToken }: BarsPage,
): Promise<void> {
  const texts = [...rows].map(([symbol, list]) => `"${symbol}":[${list.join(',')}]`);
  const token = JSON.stringify(nextToken);
  await sendText(reply, `{"${name}":{${texts.join(',')}},"next_page_token":${token}}`);
}

async function sendPageOfOne(
  reply: FastifyReply,
  name: string,
  symbol: string,
  { rows, nextToken }: BarsPage,
): Promise<void> {
  const list = (rows.get(symbol) ?? []).join(',');
  const of = `"symbol":${JSON.stringify(symbol)},"next_page_token":${JSON.stringify(nextToken)}`;
  await sendText(reply, `{"${name}":[${list}],${of}}`);
}

async function sendText(reply: FastifyReply, body: string): Promise<void> {
  await reply.type('application/json; charset=utf-8').send(body);
}

function tokenOf(query: Query): { pageToken?: string } {
  const pageToken = textOf(query, 'page_token');
  return pageToken === undefined ? {} : { pageToken };
}

function adjustmentsOf(query: Query): readonly Adjustment[] {
  const words = listOf(query, 'adjustment');
  if (words.length === 0) return ['raw'];
  return words.map((word) => {
    const found = ADJUSTMENTS.find((one) => one === word);
    if (found === undefined) throw badRequest(`invalid adjustment: ${word}`);
    return found;
  });
}
