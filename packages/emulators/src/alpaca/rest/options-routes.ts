import type { FastifyInstance } from 'fastify';
import { OptionBars } from '../../market/option-bars.ts';
import {
  expirations,
  type ListedOption,
  optionSymbol,
  parseOption,
  strikes,
} from '../../market/option-chain.ts';
import { E4_PER_UNIT } from '../../market/price-scale.ts';
import { latestDays, latestMinute } from '../data/latest.ts';
import { ticksPage } from '../data/ticks-page.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { notFound, Refusal } from '../refusal.ts';
import { optionQuoteFields, optionTradeFields } from '../streams/option-channels.ts';
import { utcText } from '../wire-text.ts';
import { barsOf, emptyPage, sendPage, symbolsOf, ticksQuery } from './history-routes.ts';
import { countOf, listOf, type Query, textOf, timeOf } from './query.ts';

const CONTRACTS_STANDARD = 100;
const CONTRACTS_MAX = 10_000;
const SNAPSHOTS_MAX = 1_000;
const US_PER_UTC_DAY = 86_400_000_000;

/** Adds the routes of options: contracts, chains, and their history. */
export function addOptionsRoutes(app: FastifyInstance, context: EmulatorContext): void {
  const bars = new OptionBars(context.world, context.prices);
  app.get('/v2/options/contracts', ({ query }) => contractsPage(context, query as Query));
  app.get<{ Params: { symbol: string } }>('/v2/options/contracts/:symbol', ({ params }) => {
    const option = context.prices.option(params.symbol, 0);
    if (option === undefined) throw notFound(`option contract ${params.symbol} not found`);
    return context.exchange.assets.contractJson(option, context.now());
  });
  app.get('/v1beta1/options/snapshots', ({ query }) => {
    checkFeed(context, query as Query);
    const options = symbolsOf(query as Query).flatMap((symbol) => parseOption(symbol) ?? []);
    return snapshotsPage(context, bars, options, query as Query);
  });
  app.get<{ Params: { underlying: string } }>(
    '/v1beta1/options/snapshots/:underlying',
    ({ params, query }) => {
      checkFeed(context, query as Query);
      const chain = chainOf(context, [params.underlying], query as Query);
      return snapshotsPage(context, bars, chain, query as Query);
    },
  );
  app.get('/v1beta1/options/bars', async (request, reply) => {
    const query = request.query as Query;
    const isEmpty = request.fault?.kind === 'emptyPage';
    const span = optionSpan(context, query);
    const page = isEmpty ? emptyPage(query) : barsOf(context, query, symbolsOf(query), bars, span);
    await sendPage(reply, 'bars', page);
  });
  app.get('/v1beta1/options/trades', async ({ query: asked }, reply) => {
    const query = asked as Query;
    const span = optionSpan(context, query);
    const ticks = ticksQuery(query, symbolsOf(query), span, 0, (trade) =>
      JSON.stringify(optionTradeFields(trade, utcText)),
    );
    await sendPage(reply, 'trades', ticksPage(context.world, context.prices, ticks, span.nowUs));
  });
  addLatestOptions(app, context);
}

function addLatestOptions(app: FastifyInstance, context: EmulatorContext): void {
  const { prices, now } = context;
  const ofEach = (query: Query, name: string, write: (symbol: string) => object | undefined) => {
    checkFeed(context, query);
    const rows = symbolsOf(query).flatMap((symbol) => {
      const row = prices.option(symbol, now()) === undefined ? undefined : write(symbol);
      return row === undefined ? [] : [[symbol, row] as const];
    });
    return { [name]: Object.fromEntries(rows) };
  };
  app.get('/v1beta1/options/quotes/latest', ({ query }) =>
    ofEach(query as Query, 'quotes', (symbol) => {
      const trade = prices.lastTrade(symbol, now());
      return trade && optionQuoteFields(trade, utcText);
    }),
  );
  app.get('/v1beta1/options/trades/latest', ({ query }) =>
    ofEach(query as Query, 'trades', (symbol) => {
      const trade = prices.lastTrade(symbol, now());
      return trade && optionTradeFields(trade, utcText);
    }),
  );
}

/** A free plan sees the indicative feed alone. */
function checkFeed({ plan }: EmulatorContext, query: Query): void {
  if (plan === 'free' && textOf(query, 'feed') === 'opra') {
    throw new Refusal(403, { message: 'subscription does not permit querying OPRA data' });
  }
}

function optionSpan(context: EmulatorContext, query: Query) {
  const nowUs = context.now();
  const fromUs = timeOf(query, 'start') ?? nowUs - (nowUs % US_PER_UTC_DAY);
  const toUs = (timeOf(query, 'end') ?? nowUs) + 1;
  return { fromUs, toUs, nowUs, volumeFraction: 1 };
}

/** Returns the options of underlyings that pass a request's filters, in order of their symbols. */
function chainOf(
  { world, prices, calendar, now }: EmulatorContext,
  underlyings: readonly string[],
  query: Query,
): readonly ListedOption[] {
  const nowUs = now();
  const today = utcText(nowUs).slice(0, 10);
  const found: ListedOption[] = [];
  for (const underlying of underlyings) {
    if (!world.has(underlying)) continue;
    const priceE4 = prices.lastTrade(underlying, nowUs)?.priceE4 ?? 0;
    for (const expiration of expirations(calendar, today)) {
      for (const strikeE4 of strikes(priceE4)) {
        for (const right of ['call', 'put'] as const) {
          const option = { underlying, expiration, strikeE4, right };
          if (passes(option, query)) found.push({ symbol: optionSymbol(option), ...option });
        }
      }
    }
  }
  return found.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

function passes(option: Omit<ListedOption, 'symbol'>, query: Query): boolean {
  const { expiration, right } = option;
  const strike = option.strikeE4 / E4_PER_UNIT;
  const date = textOf(query, 'expiration_date');
  const type = textOf(query, 'type');
  const root = textOf(query, 'root_symbol');
  return (
    (date === undefined || expiration === date) &&
    expiration >= (textOf(query, 'expiration_date_gte') ?? '') &&
    expiration <= (textOf(query, 'expiration_date_lte') ?? '9999') &&
    strike >= Number(textOf(query, 'strike_price_gte') ?? 0) &&
    strike <= Number(textOf(query, 'strike_price_lte') ?? Number.POSITIVE_INFINITY) &&
    (type === undefined || type === right) &&
    (root === undefined || root === option.underlying)
  );
}

interface Paged<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | null;
}

/** Cuts a page of a list; a token is the number of the row at which the next one begins. */
function paged<Row>(rows: readonly Row[], query: Query, limit: number): Paged<Row> {
  const token = textOf(query, 'page_token') ?? '';
  const from = Number(Buffer.from(token, 'base64url').toString());
  const next = from + limit;
  const isLast = next >= rows.length;
  return {
    rows: rows.slice(from, next),
    nextToken: isLast ? null : Buffer.from(String(next)).toString('base64url'),
  };
}

function contractsPage(context: EmulatorContext, query: Query): Record<string, unknown> {
  const asked = listOf(query, 'underlying_symbols');
  const underlyings = asked.length > 0 ? asked : context.world.symbols;
  const limit = countOf(query, 'limit', CONTRACTS_STANDARD, CONTRACTS_MAX);
  const chain = chainOf(context, underlyings, query);
  const { rows, nextToken } = paged(chain, query, limit);
  const nowUs = context.now();
  return {
    option_contracts: rows.map((row) => context.exchange.assets.contractJson(row, nowUs)),
    next_page_token: nextToken,
  };
}

function snapshotsPage(
  context: EmulatorContext,
  bars: OptionBars,
  options: readonly ListedOption[],
  query: Query,
): Record<string, unknown> {
  const limit = countOf(query, 'limit', CONTRACTS_STANDARD, SNAPSHOTS_MAX);
  const { rows, nextToken } = paged(options, query, limit);
  const snapshots = rows.map((option) => [option.symbol, snapshotOf(context, bars, option)]);
  return { snapshots: Object.fromEntries(snapshots), next_page_token: nextToken };
}

function snapshotOf({ prices, now }: EmulatorContext, bars: OptionBars, option: ListedOption) {
  const nowUs = now();
  const underlying = prices.lastTrade(option.underlying, nowUs);
  const trade = prices.lastTrade(option.symbol, nowUs);
  if (underlying === undefined || trade === undefined) return {};
  const worth = prices.worth(option, underlying.priceE4 / E4_PER_UNIT, nowUs);
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  const [dailyBar, prevDailyBar] = latestDays(bars, option.symbol, nowUs, 1);
  return {
    latestTrade: optionTradeFields(trade, utcText),
    latestQuote: optionQuoteFields(trade, utcText),
    minuteBar: latestMinute(bars, option.symbol, nowUs, 1),
    dailyBar,
    prevDailyBar,
    impliedVolatility: prices.volatility(option.underlying),
    greeks: {
      delta: round(worth.delta),
      gamma: round(worth.gamma),
      theta: round(worth.theta),
      vega: round(worth.vega),
      rho: round(worth.rho),
    },
  };
}
