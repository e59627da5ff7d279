import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { askerOf, sdkOf, startAt, updatesOf } from './alpaca-sdk.test-support.ts';
import { parseUtc } from './wire-text.ts';

let emulator: AlpacaEmulator;
let ask: ReturnType<typeof askerOf>;
beforeEach(async () => {
  emulator = await startAt();
  ask = askerOf(emulator);
});
afterEach(() => emulator.close());

const order = (fields: object) =>
  ask('POST', '/v2/orders', {
    ...{ symbol: 'AAPL', qty: '2', side: 'buy', type: 'market', time_in_force: 'day' },
    ...fields,
  });
const last = async (symbol = 'AAPL'): Promise<number> => {
  const { body } = await ask('GET', `/v2/stocks/${symbol}/trades/latest`);
  return body.trade.p;
};
const read = async (id: string, nested = false) =>
  (await ask('GET', `/v2/orders/${id}?nested=${nested}`)).body;
const money = (price: number): string => price.toFixed(2);

describe('through the SDK', () => {
  it('a market order fills at the next trade, and cash, position and activity agree', async () => {
    const { trading } = sdkOf(emulator);
    const sent = await trading.orders.market({ symbol: 'AAPL', side: 'buy', qty: 3 });
    const orderId = sent.id ?? '';
    expect(sent.status).toBe('pending_new');
    expect((await trading.orders.getOrderByOrderID({ orderId })).status).toBe('new');
    emulator.control.step({ seconds: 6 });
    const filled = await trading.orders.getOrderByOrderID({ orderId });
    expect(filled.status).toBe('filled');
    const position = await trading.positions.getOpenPosition({ symbolOrAssetId: 'AAPL' });
    expect([position.qty, position.avgEntryPrice]).toEqual(['3', filled.filledAvgPrice]);
    const account = await trading.account.getAccount();
    expect(100_000 - Number(account.cash)).toBeCloseTo(3 * Number(filled.filledAvgPrice), 6);
    const [activity] = await trading.collectActivities();
    expect(activity).toMatchObject({ activityType: 'FILL', cumQty: '3', leavesQty: '0', orderId });
  });

  it('orders of every type are taken, found by either id, replaced and cancelled', async () => {
    const { orders } = sdkOf(emulator).trading;
    const base = { symbol: 'AAPL', side: 'buy', qty: 1 } as const;
    const price = await last();
    const placed = [
      await orders.limit({ ...base, limitPrice: money(price * 0.9) }),
      await orders.stop({ ...base, stopPrice: money(price * 1.1) }),
      await orders.stopLimit({
        ...base,
        stopPrice: money(price * 1.1),
        limitPrice: money(price * 1.2),
      }),
      await orders.trailingStop({ ...base, trailPercent: 5 }),
      await orders.bracket({
        ...{ ...base, type: 'limit', limitPrice: money(price * 0.9) },
        takeProfit: { limitPrice: money(price * 1.1) },
        stopLoss: { stopPrice: money(price * 0.8) },
      }),
    ];
    const listed = await orders.getAllOrders({ status: 'open', limit: 500 });
    // A bracket is three rows.
    expect(listed).toHaveLength(placed.length + 2);
    const [first] = placed;
    const clientOrderId = first?.clientOrderId ?? '';
    expect((await orders.getOrderByClientOrderId({ clientOrderId })).id).toBe(first?.id);
    const next = await orders.patchOrderByOrderId({
      orderId: first?.id ?? '',
      patchOrderRequest: { qty: '4', limitPrice: money(price * 0.91) },
    });
    expect(next).toMatchObject({ replaces: first?.id, qty: '4' });
    expect(next.id).not.toBe(first?.id);
    const before = await orders.getOrderByOrderID({ orderId: first?.id ?? '' });
    expect(before).toMatchObject({ status: 'replaced', replacedBy: next.id });
    await orders.deleteOrderByOrderID({ orderId: next.id ?? '' });
    const asked = await orders.deleteAllOrders();
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect(await orders.getAllOrders({ status: 'open' })).toEqual([]);
    await expect(orders.deleteOrderByOrderID({ orderId: next.id ?? '' })).rejects.toMatchObject({
      status: 422,
    });
  });

  it('submitAndWait hears of the fill', async () => {
    const { trading } = sdkOf(emulator);
    const stream = trading.stream({ url: emulator.tradingStreamUrl });
    stream.connect();
    const asked = { type: 'market', symbol: 'SPY', side: 'buy', qty: 1 } as const;
    const waits = trading.submitAndWait(asked, { stream });
    await emulator.control.requestOf('POST', '/v2/orders');
    emulator.control.step({ seconds: 6 });
    expect((await waits).status).toBe('filled');
    stream.disconnect();
  });
});

describe('the stream of updates', () => {
  it('tells the life of an order in its order, each fill with its own id', async () => {
    const updates = await updatesOf(emulator);
    emulator.control.fault({ kind: 'thin', symbol: 'AAPL', units: 1 });
    await order({ client_order_id: 'mine' });
    emulator.control.step({ seconds: 12 });
    const told = await updates.until('fill');
    expect(told.map(({ event }) => event)).toEqual(['pending_new', 'new', 'partial_fill', 'fill']);
    expect(told.map((one) => one.position_qty)).toEqual([undefined, undefined, '1', '2']);
    expect(told.map((one) => one.order.status)).toEqual([
      ...['pending_new', 'new', 'partially_filled', 'filled'],
    ]);
    expect(new Set(told.map((one) => one.order.client_order_id))).toEqual(new Set(['mine']));
    expect(told[2]?.execution_id).not.toBe(told[3]?.execution_id);
    const times = told.map((one) => parseUtc(one.order.updated_at) ?? 0);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('is binary on paper and text on live accounts, and refuses wrong keys', async () => {
    const paper = await updatesOf(emulator);
    expect(paper.isBinary).toBe(true);
    const live = await startAt({ live: true });
    expect((await updatesOf(live)).isBinary).toBe(false);
    await live.close();
    await expect(updatesOf(emulator, { keyId: 'EMULATOR', secretKey: 'wrong' })).rejects.toThrow(
      'unauthorized',
    );
  });
});

describe('orders that hang together', () => {
  it("hold a bracket's exits until the entry is filled, and one exit ends the other", async () => {
    const price = await last();
    const { body: entry } = await order({
      ...{ order_class: 'bracket', take_profit: { limit_price: money(price * 1.2) } },
      stop_loss: { stop_price: money(price - 0.02) },
    });
    expect(entry.legs.map((leg: { status: string }) => leg.status)).toEqual(['held', 'held']);
    emulator.control.step({ seconds: 6 });
    const held = await read(entry.id, true);
    expect(held.status).toBe('filled');
    emulator.control.step({ minutes: 30 });
    const [target, stop] = (await read(entry.id, true)).legs;
    expect([target.status, stop.status]).toEqual(['canceled', 'filled']);
    expect((await ask('GET', '/v2/positions/AAPL')).status).toBe(404);
  });

  it('show a stop as held beside its take-profit, unlisted, and tell nothing of its cancel', async () => {
    const price = await last();
    const updates = await updatesOf(emulator);
    const { body: entry } = await order({
      ...{ order_class: 'bracket', take_profit: { limit_price: money(price * 1.2) } },
      stop_loss: { stop_price: money(price * 0.8) },
    });
    emulator.control.step({ seconds: 6 });
    const [target, stop] = (await read(entry.id, true)).legs;
    expect([target.status, stop.status]).toEqual(['new', 'held']);
    const { body: open } = await ask('GET', '/v2/orders?status=open');
    expect(open.map(({ id }: { id: string }) => id)).toEqual([target.id]);
    expect((await order({ side: 'sell' })).body).toMatchObject({ held_for_orders: '2' });
    await ask('DELETE', `/v2/orders/${target.id}`);
    expect((await read(stop.id)).status).toBe('canceled');
    const told = await updates.until('canceled');
    await updates.ping();
    expect(told.some(({ order: of }) => of.id === target.id)).toBe(true);
    expect(told.some(({ order: of }) => of.id === stop.id)).toBe(false);
  });

  it('end a bracket as its entry is cancelled', async () => {
    const price = await last();
    const { body: entry } = await order({
      ...{ type: 'limit', limit_price: money(price * 0.5), order_class: 'bracket' },
      take_profit: { limit_price: money(price * 1.2) },
      stop_loss: { stop_price: money(price * 0.4) },
    });
    expect((await ask('DELETE', `/v2/orders/${entry.id}`)).status).toBe(204);
    const after = await read(entry.id, true);
    expect([after, ...after.legs].map(({ status }) => status)).toEqual([
      ...['canceled', 'canceled', 'canceled'],
    ]);
  });

  it('let an oco close what is held, and reserve it once', async () => {
    await order({ qty: '5' });
    emulator.control.step({ seconds: 6 });
    const price = await last();
    const { body: exit } = await order({
      ...{ qty: '5', side: 'sell', type: 'limit', order_class: 'oco' },
      take_profit: { limit_price: money(price * 1.3) },
      stop_loss: { stop_price: money(price * 0.7) },
    });
    const { body: position } = await ask('GET', '/v2/positions/AAPL');
    expect([position.qty, position.qty_available]).toEqual(['5', '0']);
    const { body: refused } = await order({ side: 'sell', qty: '1' });
    expect(refused).toMatchObject({ code: 40310000, available: '0', held_for_orders: '5' });
    await ask('DELETE', `/v2/orders/${exit.legs[0].id}`);
    expect((await read(exit.id)).status).toBe('canceled');
  });

  it('fill a spread of options whole, at what its legs come to', async () => {
    const { body: contracts } = await ask(
      'GET',
      '/v2/options/contracts?underlying_symbols=SPY&type=call&limit=60',
    );
    const [low, high] = contracts.option_contracts.slice(-2);
    const { body: spread } = await ask('POST', '/v2/orders', {
      ...{ order_class: 'mleg', qty: '2', type: 'market', time_in_force: 'day' },
      legs: [
        { symbol: low.symbol, ratio_qty: '1', side: 'buy', position_intent: 'buy_to_open' },
        { symbol: high.symbol, ratio_qty: '1', side: 'sell', position_intent: 'sell_to_open' },
      ],
    });
    emulator.control.step({ seconds: 6 });
    const filled = await read(spread.id, true);
    expect(filled.status).toBe('filled');
    const [bought, sold] = filled.legs;
    expect(Number(filled.filled_avg_price)).toBeCloseTo(
      Number(bought.filled_avg_price) - Number(sold.filled_avg_price),
      6,
    );
    const { body: positions } = await ask('GET', '/v2/positions');
    expect(positions.map(({ qty }: { qty: string }) => qty).sort()).toEqual(['-2', '2']);
  });
});

describe('a replace', () => {
  it('may arrive after a half has filled', async () => {
    const price = await last();
    const { body: first } = await order({
      ...{ qty: '6', type: 'limit', limit_price: money(price * 0.5) },
    });
    emulator.control.fault({ kind: 'replaceFillRace', symbol: 'AAPL' });
    const patch = { limit_price: money(price * 0.6) };
    const { body: next } = await ask('PATCH', `/v2/orders/${first.id}`, patch);
    expect(await read(first.id)).toMatchObject({ status: 'replaced', filled_qty: '3' });
    expect(await read(next.id)).toMatchObject({ status: 'new', qty: '6', filled_qty: '0' });
  });

  it('counts what was filled before: the new order works the rest', async () => {
    emulator.control.fault({ kind: 'thin', symbol: 'AAPL', units: 3 });
    const price = await last();
    const { body: first } = await order({
      ...{ qty: '5', type: 'limit', limit_price: money(price * 1.1) },
    });
    emulator.control.step({ seconds: 6 });
    const patch = { qty: '8', limit_price: money(price * 1.2) };
    const { body: next } = await ask('PATCH', `/v2/orders/${first.id}`, patch);
    emulator.control.step({ seconds: 6 });
    expect(await read(first.id)).toMatchObject({ status: 'replaced', filled_qty: '3' });
    expect(await read(next.id)).toMatchObject({ status: 'filled', qty: '8', filled_qty: '5' });
    expect((await ask('GET', '/v2/positions/AAPL')).body.qty).toBe('8');
  });
});

describe('hours', () => {
  it('queue a day order until the open, and end it at the close', async () => {
    emulator.control.stepTo(Date.parse('2026-01-05T22:00:00Z') * 1_000);
    const { body: queued } = await order({});
    expect((await read(queued.id)).status).toBe('accepted');
    const { body: far } = await order({ type: 'limit', limit_price: '1', symbol: 'SPY' });
    emulator.control.stepTo(Date.parse('2026-01-06T14:30:06Z') * 1_000);
    expect((await read(queued.id)).status).toBe('filled');
    expect((await read(far.id)).status).toBe('new');
    emulator.control.stepTo(Date.parse('2026-01-06T21:00:00Z') * 1_000);
    expect((await read(far.id)).status).toBe('expired');
  });

  it('fill what is for extended hours before the open, and auctions at their bells', async () => {
    emulator.control.stepTo(Date.parse('2026-01-06T12:00:00Z') * 1_000);
    const price = await last();
    const { body: early } = await order({
      ...{ type: 'limit', limit_price: money(price * 1.2), extended_hours: true },
    });
    const { body: open } = await order({ time_in_force: 'opg', symbol: 'SPY' });
    const { body: close } = await order({ time_in_force: 'cls', symbol: 'SPY' });
    emulator.control.stepTo(Date.parse('2026-01-06T14:29:00Z') * 1_000);
    expect((await read(early.id)).status).toBe('filled');
    expect((await read(open.id)).status).toBe('accepted');
    emulator.control.stepTo(Date.parse('2026-01-06T14:30:06Z') * 1_000);
    expect((await read(open.id)).status).toBe('filled');
    emulator.control.stepTo(Date.parse('2026-01-06T21:00:00Z') * 1_000);
    expect((await read(close.id)).status).toBe('filled');
    const { body } = await ask('GET', '/v2/stocks/SPY/snapshot');
    expect(Number((await read(close.id)).filled_avg_price)).toBe(body.dailyBar.c);
  });
});
