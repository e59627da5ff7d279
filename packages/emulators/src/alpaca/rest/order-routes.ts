import type { FastifyInstance } from 'fastify';
import type { EmulatorContext } from '../emulator-context.ts';
import { notFound, unprocessable } from '../refusal.ts';
import { type AlpacaOrder, isListedOpen, orderJson } from '../trading/order.ts';
import { readOrder, readPatch } from '../trading/order-request.ts';
import type { TradingAccount } from '../trading/trading-account.ts';
import { countOf, listOf, type Query, textOf, timeOf, wordOf } from './query.ts';

const ORDERS_STANDARD = 50;
const ORDERS_MAX = 500;

interface IdParams {
  readonly id: string;
}

/** Adds the routes of orders. */
export function addOrderRoutes(app: FastifyInstance, context: EmulatorContext): void {
  const { act, faults } = context;
  app.post('/v2/orders', ({ account, body }) =>
    act(account, { kind: 'submit', request: readOrder(body) }),
  );
  app.get('/v2/orders', ({ account, query }) => listOrders(account, query as Query));
  app.delete('/v2/orders', async ({ account }, reply) => {
    const asked = act(account, { kind: 'cancelAll' }) as readonly AlpacaOrder[];
    await reply.code(207).send(asked.map(({ id }) => ({ id, status: 200 })));
  });
  // Two colons write one: what follows it is no parameter.
  app.get('/v2/orders::by_client_order_id', ({ account, query }) => {
    const clientId = textOf(query as Query, 'client_order_id') ?? '';
    const order = account.orders.ofClientId(clientId);
    if (order === undefined || faults.use('hiddenByClientId') !== undefined) {
      throw notFound(`order not found for ${clientId}`);
    }
    return orderJson(order, isNested(query as Query));
  });
  app.get<{ Params: IdParams }>('/v2/orders/:id', ({ account, params, query }) => {
    const order = account.orders.get(params.id);
    if (order === undefined) throw notFound(`order not found for ${params.id}`);
    return orderJson(order, isNested(query as Query));
  });
  app.patch<{ Params: IdParams }>('/v2/orders/:id', ({ account, params, body }) =>
    act(account, { kind: 'replace', orderId: params.id, patch: readPatch(body) }),
  );
  app.delete<{ Params: IdParams }>('/v2/orders/:id', async ({ account, params }, reply) => {
    act(account, { kind: 'cancel', orderId: params.id });
    await reply.code(204).send();
  });
}

const isNested = (query: Query): boolean => textOf(query, 'nested') === 'true';

function listOrders(account: TradingAccount, query: Query): readonly Record<string, unknown>[] {
  const status = wordOf(query, 'status', ['open', 'closed', 'all'], 'open');
  const limit = countOf(query, 'limit', ORDERS_STANDARD, ORDERS_MAX);
  const isAscending = wordOf(query, 'direction', ['asc', 'desc'], 'desc') === 'asc';
  const nested = isNested(query);
  const symbols = listOf(query, 'symbols');
  const side = textOf(query, 'side');
  const assetClasses = listOf(query, 'asset_class');
  const [fromUs, toUs] = bounds(account, query);
  const found: AlpacaOrder[] = [];
  const all = account.orders.all();
  const ordered = isAscending ? all : all.toReversed();
  for (const order of ordered) {
    if (found.length === limit) break;
    if (order.createdAtUs <= fromUs || order.createdAtUs >= toUs) continue;
    if (status !== 'all' && isListedOpen(order) !== (status === 'open')) continue;
    if (nested && order.parent !== undefined) continue;
    if (symbols.length > 0 && !symbols.includes(order.symbol)) continue;
    if (side !== undefined && order.side !== side) continue;
    if (assetClasses.length > 0 && !assetClasses.includes(order.assetClass)) continue;
    found.push(order);
  }
  return found.map((order) => orderJson(order, nested));
}

/** Both are exclusive. */
function bounds(account: TradingAccount, query: Query): readonly [number, number] {
  const atOf = (name: string): number | undefined => {
    const id = textOf(query, name);
    if (id === undefined) return undefined;
    const order = account.orders.get(id);
    if (order === undefined) throw unprocessable(`${name}: order not found for ${id}`);
    return order.createdAtUs;
  };
  const from = atOf('after_order_id') ?? timeOf(query, 'after') ?? 0;
  const to = atOf('before_order_id') ?? timeOf(query, 'until') ?? Number.POSITIVE_INFINITY;
  return [from, to];
}
