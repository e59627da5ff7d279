import type { FastifyInstance, FastifyReply } from 'fastify';
import { ADJUSTMENTS, type Adjustment } from '../data/adjustments.ts';
import { parseTimeframe } from '../data/bar-rows.ts';
import { type BarsPage, barsPage } from '../data/bars-page.ts';
import { feedOf } from '../data/feeds.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { badRequest } from '../refusal.ts';
import { countOf, listOf, type Query, textOf, timeOf, wordOf } from './query.ts';

const ROWS_STANDARD = 1_000;
const ROWS_MAX = 10_000;
const SYMBOLS_MAX = 5_000;

/** Adds the routes of bars of shares. */
export function addBarsRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.get('/v2/stocks/bars', async ({ query }, reply) => {
    const symbols = symbolsOf(query as Query);
    const page = pageOf(context, query as Query, symbols);
    const bars = [...page.rows].map(([symbol, rows]) => `"${symbol}":[${rows.join(',')}]`);
    const token = JSON.stringify(page.nextToken);
    await sendJson(reply, `{"bars":{${bars.join(',')}},"next_page_token":${token}}`);
  });
  app.get<{ Params: { symbol: string } }>('/v2/stocks/:symbol/bars', async (request, reply) => {
    const { symbol } = request.params;
    const page = pageOf(context, request.query as Query, [symbol]);
    const rows = (page.rows.get(symbol) ?? []).join(',');
    const token = JSON.stringify(page.nextToken);
    await sendJson(
      reply,
      `{"bars":[${rows}],"symbol":${JSON.stringify(symbol)},"next_page_token":${token}}`,
    );
  });
}

/** Reads the symbols that are asked for, sorted. @throws Refusal 400 */
export function symbolsOf(query: Query, max = SYMBOLS_MAX): readonly string[] {
  const symbols = [...new Set(listOf(query, 'symbols'))].sort();
  if (symbols.length === 0) throw badRequest('symbols is required');
  if (symbols.length > max) throw badRequest(`too many symbols: at most ${max}`);
  for (const symbol of symbols) {
    if (!/^[A-Z][A-Z0-9./]*$/.test(symbol)) throw badRequest(`invalid symbol: ${symbol}`);
  }
  return symbols;
}

export async function sendJson(reply: FastifyReply, body: string): Promise<void> {
  await reply.type('application/json; charset=utf-8').send(body);
}

function pageOf(context: EmulatorContext, query: Query, symbols: readonly string[]): BarsPage {
  const nowUs = context.now();
  const span = parseTimeframe(textOf(query, 'timeframe') ?? '');
  const fromUs = timeOf(query, 'start') ?? nowUs - (nowUs % 86_400_000_000);
  const end = timeOf(query, 'end');
  const toUs = end === undefined ? nowUs : end + 1;
  if (fromUs > toUs) throw badRequest('end should not be before start');
  const feed = feedOf(context, textOf(query, 'feed'), toUs, nowUs);
  const asOf = textOf(query, 'asof');
  return barsPage(
    context.world,
    {
      ...{ symbols, span, fromUs, toUs },
      limit: countOf(query, 'limit', ROWS_STANDARD, ROWS_MAX),
      adjustments: adjustmentsOf(query),
      asOfUs: asOf === undefined || asOf === '-' ? nowUs : (timeOf(query, 'asof') ?? nowUs),
      volumeFraction: feed.volumeFraction,
      isDescending: wordOf(query, 'sort', ['asc', 'desc'], 'asc') === 'desc',
      ...tokenOf(query),
    },
    nowUs,
  );
}

export function tokenOf(query: Query): { pageToken?: string } {
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
