import type { FastifyInstance } from 'fastify';
import { latestFeed } from '../data/feeds.ts';
import { latestDays, latestMinute } from '../data/latest.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { quoteFields, tradeFields } from '../streams/stream-channels.ts';
import { utcText } from '../wire-text.ts';
import { symbolsOf } from './history-routes.ts';
import { type Query, textOf } from './query.ts';

type LatestOf = (symbol: string, query: Query) => object | undefined;

/** Adds the routes of what is latest of shares, of many symbols and of one. */
export function addLatestRoutes(app: FastifyInstance, context: EmulatorContext): void {
  const { plan, prices, world, now } = context;
  const fractionOf = (query: Query): number =>
    latestFeed(plan, textOf(query, 'feed')).volumeFraction;
  const trade: LatestOf = (symbol, query) => {
    const last = prices.lastTrade(symbol, now());
    return last && tradeFields(last, fractionOf(query), utcText);
  };
  const quote: LatestOf = (symbol, query) => {
    fractionOf(query);
    const last = prices.lastTrade(symbol, now());
    return last && quoteFields(last, utcText);
  };
  const bar: LatestOf = (symbol, query) => latestMinute(world, symbol, now(), fractionOf(query));
  for (const [name, of] of Object.entries({ trade, quote, bar })) {
    addLatest(app, context, name, of);
  }
  const snapshot: LatestOf = (symbol, query) => {
    const [dailyBar, prevDailyBar] = latestDays(world, symbol, now(), fractionOf(query));
    return {
      latestTrade: trade(symbol, query),
      latestQuote: quote(symbol, query),
      minuteBar: bar(symbol, query),
      dailyBar,
      prevDailyBar,
    };
  };
  app.get('/v2/stocks/snapshots', ({ query }) => ofEach(context, query as Query, snapshot));
  app.get<{ Params: { symbol: string } }>('/v2/stocks/:symbol/snapshot', (request) => {
    const { symbol } = request.params;
    const query = request.query as Query;
    return { symbol, ...(world.has(symbol) ? snapshot(symbol, query) : {}) };
  });
}

function addLatest(
  app: FastifyInstance,
  context: EmulatorContext,
  name: string,
  of: LatestOf,
): void {
  app.get(`/v2/stocks/${name}s/latest`, ({ query }) => ({
    [`${name}s`]: ofEach(context, query as Query, of),
  }));
  app.get<{ Params: { symbol: string } }>(`/v2/stocks/:symbol/${name}s/latest`, (request) => {
    const { symbol } = request.params;
    const found = context.world.has(symbol) ? of(symbol, request.query as Query) : undefined;
    return { symbol, [name]: found ?? {} };
  });
}

/** Symbols that nobody lists are left out. */
function ofEach({ world }: EmulatorContext, query: Query, of: LatestOf): Record<string, unknown> {
  const rows = symbolsOf(query)
    .filter((symbol) => world.has(symbol))
    .map((symbol) => [symbol, of(symbol, query)] as const)
    .filter(([, row]) => row !== undefined);
  return Object.fromEntries(rows);
}
