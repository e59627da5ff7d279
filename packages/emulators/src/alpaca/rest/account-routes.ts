import type { FastifyInstance } from 'fastify';
import { nanosOfE4 } from '../../market/price-scale.ts';
import { assetId } from '../assets.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { notFound, Refusal, unprocessable } from '../refusal.ts';
import { accountJson, positionJson } from '../trading/account-json.ts';
import type { TradingAccount } from '../trading/trading-account.ts';
import { utcText } from '../wire-text.ts';
import { countOf, listOf, type Query, textOf, timeOf, wordOf } from './query.ts';

const ACTIVITIES_MAX = 100;

/** Adds the routes of the account, its positions and its activities, and of assets. */
export function addAccountRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.get('/v2/account', ({ account }) => accountJson(account, context.openedAtUs));
  addPositions(app, context);
  app.get('/v2/account/activities', ({ account, query }) =>
    listActivities(account, query as Query, listOf(query as Query, 'activity_types')),
  );
  app.get<{ Params: { type: string } }>('/v2/account/activities/:type', (request) =>
    listActivities(request.account, request.query as Query, [request.params.type]),
  );
  app.get('/v2/account/configurations', ({ account }) => configurationsOf(account));
  app.get('/v2/assets', ({ query }) => {
    const isListed = (textOf(query as Query, 'status') ?? 'active') === 'active';
    return isListed ? context.exchange.assets.all() : [];
  });
  app.get<{ Params: { symbol: string } }>('/v2/assets/:symbol', ({ params }) => {
    const asset = context.exchange.assets.find(params.symbol, context.now());
    if (asset === undefined || asset.assetClass !== 'us_equity') {
      throw notFound(`asset not found for ${params.symbol}`);
    }
    return context.exchange.assets.json(asset.symbol);
  });
}

function addPositions(app: FastifyInstance, context: EmulatorContext): void {
  app.get('/v2/positions', ({ account }) =>
    account.book.open().map(([symbol]) => positionOf(context, account, symbol)),
  );
  app.get<{ Params: { symbol: string } }>('/v2/positions/:symbol', ({ account, params }) => {
    const symbol = heldSymbol(context, account, params.symbol);
    return positionOf(context, account, symbol);
  });
  app.delete<{ Params: { symbol: string } }>('/v2/positions/:symbol', (request) => {
    const { account, params } = request;
    const symbol = heldSymbol(context, account, params.symbol);
    return closePosition(context, account, symbol, request.query as Query);
  });
  for (const kind of ['exercise', 'do-not-exercise'] as const) {
    app.post<{ Params: { symbol: string } }>(
      `/v2/positions/:symbol/${kind}`,
      async (request, reply) => {
        const { account, params } = request;
        const symbol = heldSymbol(context, account, params.symbol);
        context.act(account, { kind: kind === 'exercise' ? 'exercise' : 'keep', symbol });
        await reply.send();
      },
    );
  }
  app.delete('/v2/positions', async ({ account, query }, reply) => {
    if (textOf(query as Query, 'cancel_orders') === 'true') {
      context.act(account, { kind: 'cancelAll' });
    }
    const rows = account.book.open().map(([symbol]) => {
      try {
        return { symbol, status: 200, body: closePosition(context, account, symbol, {}) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { symbol, status: error.status, body: error.body };
      }
    });
    await reply.code(207).send(rows);
  });
}

/** What an account may be set to; here it stands as it was opened. */
function configurationsOf({ settings }: TradingAccount): Record<string, unknown> {
  return {
    suspend_trade: false,
    no_shorting: settings.multiplier === 1,
    fractional_trading: true,
    max_margin_multiplier: String(settings.multiplier),
    max_options_trading_level: settings.optionsLevel,
    trade_confirm_email: 'none',
  };
}

function heldSymbol(context: EmulatorContext, account: TradingAccount, name: string): string {
  const symbol = context.exchange.assets.find(name, context.now())?.symbol ?? name;
  if (account.book.held(symbol) === 0) throw notFound('position does not exist');
  return symbol;
}

/** Sends a market order for what is asked of a position, or for all of it. */
function closePosition(
  context: EmulatorContext,
  account: TradingAccount,
  symbol: string,
  query: Query,
): unknown {
  const held = account.book.held(symbol);
  const percentage = textOf(query, 'percentage');
  const qty = textOf(query, 'qty');
  if (qty !== undefined && percentage !== undefined) {
    throw unprocessable('only one of qty or percentage is accepted');
  }
  const share = Number(percentage ?? '100') / 100;
  const quantity =
    qty === undefined ? Math.floor(Math.abs(held) * share) : Math.round(Number(qty) * 1e9);
  return context.act(account, {
    kind: 'submit',
    request: {
      ...{ symbol, side: held > 0 ? 'sell' : 'buy', type: 'market', timeInForce: 'day' },
      ...{ orderClass: 'simple', extendedHours: false, legs: [], quantity },
    },
  });
}

function positionOf(context: EmulatorContext, account: TradingAccount, symbol: string) {
  const { prices, world, calendar, now } = context;
  const nowUs = now();
  const session = calendar.session(calendar.tradeDate(nowUs));
  const last = prices.lastNanos(symbol, nowUs);
  const before = session === undefined ? nowUs : session.openUs;
  const trade = prices.lastTrade(symbol, before);
  const lastDay = trade === undefined ? last : nanosOfE4(trade.priceE4);
  const exchange = world.has(symbol) ? world.profile(symbol).exchange : 'OPRA';
  return positionJson(account, symbol, { assetId: assetId(symbol), exchange, last, lastDay });
}

function listActivities(
  account: TradingAccount,
  query: Query,
  types: readonly string[],
): readonly unknown[] {
  const size = countOf(query, 'page_size', ACTIVITIES_MAX, ACTIVITIES_MAX);
  const isAscending = wordOf(query, 'direction', ['asc', 'desc'], 'desc') === 'asc';
  const date = textOf(query, 'date');
  const afterUs = timeOf(query, 'after') ?? 0;
  const untilUs = timeOf(query, 'until') ?? Number.POSITIVE_INFINITY;
  const matching = account.book.activities.filter(
    ({ type, atUs }) =>
      (types.length === 0 || types.includes(type)) &&
      (date === undefined || utcText(atUs).startsWith(date)) &&
      atUs > afterUs &&
      atUs < untilUs,
  );
  const ordered = isAscending ? matching : matching.toReversed();
  const token = textOf(query, 'page_token');
  const from = token === undefined ? 0 : ordered.findIndex(({ id }) => id === token) + 1;
  if (token !== undefined && from === 0) throw unprocessable('invalid page_token');
  return ordered.slice(from, from + size).map(({ json }) => json);
}
