import {
  AppError,
  deriveId,
  EXIT_LEGS,
  InstrumentBook,
  type Order,
  orderId,
  parsePrice,
  quantity,
  timeUs,
  ZERO_CASH,
} from '@capstan/domain';
import { MemoryLog } from '@capstan/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { AccountReads } from './account-reads.ts';
import { AccountUpdates, type AccountUpdatesPorts } from './account-updates.ts';
import { Amounts } from './amounts.ts';
import type { FillRow, OrderRow } from './rows.ts';

const amounts = new Amounts(new InstrumentBook([]));
const OURS = deriveId('order', 'one', 0, 1);
const DAY_US = 86_400_000_000;
const NOW_US = 1_767_713_400_000_000;
const at = (us: number): string => new Date(us / 1_000).toISOString();

const open: AccountUpdates[] = [];
afterEach(() => open.splice(0).map((one) => one.close()));

/** An account at which these orders and fills are. Nothing is tried again by itself. */
function updatesOf(
  orders: readonly OrderRow[],
  fills: readonly FillRow[],
  of: {
    readonly stream?: string;
    readonly isDown?: () => boolean;
    /** Known where the events are taken, though ended. */
    readonly journaled?: Order;
  } = {},
) {
  const { stream = 'ws://127.0.0.1:1/stream', isDown = () => false, journaled } = of;
  const asked: number[] = [];
  const reads: Partial<AccountReads> = {
    openOrders: async () => {
      if (isDown()) throw new AppError({ code: 'VENUE.UNAVAILABLE', why: 'It is down.' });
      return orders.filter(({ status }) => status === 'partially_filled');
    },
    order: async (id) => orders.find((one) => one.id === id),
    chainOf: async () => [],
    familyOf: async ({ id }) => {
      if (isDown()) throw new AppError({ code: 'VENUE.UNAVAILABLE', why: 'Too many requests.' });
      return orders.find((one) => one.id === id || one.legs?.some((leg) => leg.id === id));
    },
    fillsAfter: async (us) => {
      asked.push(us);
      return fills.filter((fill) => (amounts.time(fill.transaction_time) ?? 0) > us);
    },
  };
  const ports = {
    reads,
    amounts,
    log: new MemoryLog(),
    number: () => 1,
    noteExit: () => undefined,
    api: {
      endpoints: { tradingStreamUrl: stream },
      credentials: { reveal: () => ({ keyId: 'k', secretKey: 's' }), masked: 'k' },
      refresh: () => false,
    },
    clock: {
      nowUs: () => timeUs(NOW_US),
      monotonicMs: () => 0,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
    },
  } as unknown as AccountUpdatesPorts;
  const updates = new AccountUpdates(ports, 'main', {
    working: [] as readonly Order[],
    orderOf: async (orderId) => (journaled?.orderId === orderId ? journaled : undefined),
  });
  open.push(updates);
  return { updates, asked };
}

describe('an order of ours from before this database', () => {
  const sent = at(NOW_US - 3 * DAY_US);
  const row: OrderRow = {
    ...{ id: 'v1', client_order_id: OURS, symbol: 'SPY', side: 'buy', time_in_force: 'gtc' },
    ...{ qty: '20', filled_qty: '4', status: 'partially_filled' },
    ...{ submitted_at: sent, updated_at: at(NOW_US - 2 * DAY_US) },
  };
  const fillOf = (orderId: string): FillRow => ({
    ...{ id: `1::u-${orderId}`, order_id: orderId, symbol: 'SPY', side: 'buy' },
    ...{ price: '100.25', qty: '4', cum_qty: '4' },
    transaction_time: at(NOW_US - 2 * DAY_US),
  });

  it('is told with its fills, however long ago, and with no more of those days', async () => {
    const { updates, asked } = updatesOf([row], [fillOf('v1'), fillOf('of somebody else')]);
    await updates.look();
    expect(await updates.next()).toMatchObject([
      { event: { kind: 'accepted', orderId: OURS } },
      { event: { kind: 'filled', orderId: OURS, quantity: 4 } },
    ]);
    expect(asked.length).toBe(2);
    await updates.look();
    expect(asked.length).toBe(3);
  });

  it('of which no list has the fills says so', async () => {
    const { updates } = updatesOf([row], []);
    await expect(updates.look()).rejects.toMatchObject({ code: 'VENUE.UNAVAILABLE' });
  });
});

/** A stream of order updates that says this once it is listened to. */
async function streamOf(updates: readonly object[]) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    const say = (stream: string, data: object) => socket.send(JSON.stringify({ stream, data }));
    socket.on('message', (message) => {
      const { action } = JSON.parse(String(message)) as { readonly action: string };
      if (action !== 'listen') {
        say('authorization', { status: 'authorized', action: 'authenticate' });
        return;
      }
      say('listening', { streams: ['trade_updates'] });
      for (const update of updates) say('trade_updates', update);
    });
  });
  const { port } = server.address() as { readonly port: number };
  return { url: `ws://127.0.0.1:${port}/stream`, close: () => server.close() };
}

it('knows an order that took the place of ours for ours, though the stream tells of it first', async () => {
  const of = { symbol: 'SPY', side: 'buy', time_in_force: 'gtc', qty: '20' } as const;
  const [sent, now] = [at(NOW_US), at(NOW_US + 1_000_000)];
  const ours: OrderRow = {
    ...{ ...of, id: 'v1', client_order_id: OURS, status: 'replaced', replaced_by: 'v2' },
    ...{ filled_qty: '0', submitted_at: sent, updated_at: sent },
  };
  const drawn: OrderRow = {
    ...{ ...of, id: 'v2', client_order_id: 'drawn', status: 'partially_filled', replaces: 'v1' },
    ...{ filled_qty: '4', submitted_at: sent, updated_at: now },
  };
  const other = { ...drawn, id: 'v3', client_order_id: 'other', replaces: null };
  const fill = { event: 'partial_fill', timestamp: now, price: '100', qty: '4' };
  const stream = await streamOf([
    { ...fill, execution_id: 'u2', order: drawn },
    { ...fill, execution_id: 'u3', order: other },
  ]);
  const listed: FillRow = {
    ...{ id: '1::u2', order_id: 'v2', symbol: 'SPY', side: 'buy', price: '100', qty: '4' },
    ...{ cum_qty: '4', transaction_time: now },
  };
  let isDown = true;
  const { updates } = updatesOf([ours, drawn, other], [listed], {
    stream: stream.url,
    isDown: () => isDown,
  });
  expect(await updates.next()).toMatchObject([{ event: { kind: 'filled', orderId: 'other' } }]);
  isDown = false;
  await updates.look();
  expect(await updates.next()).toMatchObject([
    { event: { kind: 'accepted', orderId: OURS } },
    { event: { kind: 'replaced', orderId: OURS } },
    { event: { kind: 'filled', orderId: OURS, quantity: 4 } },
  ]);
  stream.close();
});

it('tells a trade of an exit as ours once it is known whose it is, however long the question has no answer', async () => {
  const head = { intentId: 'i', leg: 0, attempt: 1 };
  const entryId = orderId(head);
  const journaled: Order = {
    ...{ ...head, orderId: entryId, runId: 'live', accountId: 'main', botId: 'b', symbol: 'SPY' },
    ...{ side: 'buy', quantity: quantity(20), type: 'market', timeInForce: 'gtc' },
    ...{ reducing: false, exits: { stopPriceNanos: parsePrice('90') }, venueOrderId: 'v1' },
    ...{ decidedAtUs: timeUs(1), expiresAtUs: timeUs(2), state: 'filled', version: 3 },
    ...{ filledQuantity: quantity(20), filledNotionalMicros: ZERO_CASH, updatedAtUs: timeUs(2) },
  };
  const now = at(NOW_US + 1_000_000);
  const of = { symbol: 'SPY', order_class: 'oto', qty: '20', time_in_force: 'gtc' } as const;
  const times = { created_at: at(NOW_US), submitted_at: at(NOW_US), updated_at: now };
  const stop: OrderRow = {
    ...{ ...of, ...times, id: 'v2', client_order_id: 'drawn', side: 'sell', type: 'stop' },
    ...{ stop_price: '90', status: 'partially_filled', filled_qty: '4' },
  };
  const entry: OrderRow = {
    ...{ ...of, ...times, id: 'v1', client_order_id: entryId, side: 'buy', type: 'market' },
    ...{ status: 'filled', filled_qty: '20', legs: [stop] },
  };
  const other = { ...stop, id: 'v3', client_order_id: 'other', order_class: '' };
  const fill = { event: 'partial_fill', timestamp: now, price: '90', qty: '4' };
  const stream = await streamOf([
    { ...fill, execution_id: 'u2', order: stop },
    { ...fill, execution_id: 'u3', order: other },
  ]);
  let isDown = true;
  const { updates } = updatesOf([entry], [], {
    stream: stream.url,
    isDown: () => isDown,
    journaled,
  });
  expect(await updates.next()).toMatchObject([{ event: { kind: 'filled', orderId: 'other' } }]);
  isDown = false;
  await updates.look();
  const exitId = orderId({ ...head, leg: EXIT_LEGS.stop });
  expect(await updates.next()).toMatchObject([
    {
      event: {
        ...{ kind: 'accepted', orderId: exitId, venueOrderId: 'v2' },
        exit: { parentOrderId: entryId, terms: { side: 'sell', type: 'stop', quantity: 20 } },
      },
    },
    { event: { kind: 'filled', orderId: exitId, quantity: 4 } },
  ]);
  stream.close();
});
