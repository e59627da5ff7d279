import { getCalendar } from '@capstan/calendar';
import { cashMicros } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FaultBook } from '../control/faults.ts';
import { MarketPrices } from '../market/market-prices.ts';
import { MarketWorld } from '../market/market-world.ts';
import { type AccountInput, perform } from './account-inputs.ts';
import { AlpacaExchange } from './alpaca-exchange.ts';
import { Refusal } from './refusal.ts';
import { availableQuantity, fundsOf } from './trading/funds.ts';
import { isOpen, orderJson, remainingOf } from './trading/order.ts';
import { readOrder } from './trading/order-request.ts';
import type { TradeUpdate, TradingAccount } from './trading/trading-account.ts';

const calendar = getCalendar('XNYS');
const world = new MarketWorld({
  ...{ calendar, seed: 3, symbols: ['AAPL', 'SPY'] },
  splits: [{ symbol: 'AAPL', exDate: '2026-01-06', newShares: 3, oldShares: 2 }],
});
const prices = new MarketPrices(world, calendar);
/** Ten minutes before the last close before the split. */
const START_US = Date.parse('2026-01-05T20:50:00Z') * 1_000;
const CASH = cashMicros(50_000_000_000);
const MINUTE_US = 60_000_000;

interface Step {
  readonly waitUs: number;
  readonly make: (account: TradingAccount) => AccountInput | undefined;
}

const amount = fc.oneof(
  fc.integer({ min: 1, max: 400 }).map((qty) => ({ qty: String(qty) })),
  fc.integer({ min: 1, max: 999 }).map((part) => ({ qty: `${part / 100}` })),
  fc.integer({ min: 2, max: 900 }).map((notional) => ({ notional: String(notional) })),
);
const offset = fc.integer({ min: -40, max: 40 });
const priced = fc.oneof(
  fc.constant({ type: 'market' }),
  offset.map((by) => ({ type: 'limit', limit_price: by })),
  offset.map((by) => ({ type: 'stop', stop_price: by })),
  fc.constant({ type: 'trailing_stop', trail_percent: '0.2' }),
);
const complex = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('bracket', 'oto', 'oco').map((order_class) => ({ order_class })),
  },
);
const submit = fc
  .record({
    amount,
    priced,
    complex,
    side: fc.constantFrom('buy', 'sell'),
    symbol: fc.constantFrom('AAPL', 'SPY'),
    time_in_force: fc.constantFrom('day', 'day', 'gtc', 'ioc', 'fok', 'cls'),
    extended_hours: fc.boolean(),
  })
  .map((picked) => (account: TradingAccount): AccountInput | undefined => {
    const { last } = account.funds.prices;
    const cents = last(picked.symbol) / 10_000_000;
    const near = (by: number): string => ((cents + by) / 100).toFixed(2);
    const { order_class } = picked.complex as { order_class?: string };
    const exitSign = (picked.side === 'buy') === (order_class !== 'oco') ? 1 : -1;
    const takeProfit = { take_profit: { limit_price: near(exitSign * 25) } };
    const stopLoss = { stop_loss: { stop_price: near(exitSign * -25) } };
    const prices = Object.entries(picked.priced).map(([key, value]) => [
      key,
      typeof value === 'number' ? near(value) : value,
    ]);
    const { side, symbol, time_in_force, extended_hours } = picked;
    const body = {
      ...{ ...picked.amount, ...Object.fromEntries(prices), side, symbol, time_in_force },
      extended_hours,
      ...(order_class === undefined ? {} : { ...takeProfit, order_class }),
      ...(order_class === 'bracket' || order_class === 'oco' ? stopLoss : {}),
    };
    return { kind: 'submit', request: readOrder(body) };
  });
const pick = (at: number, account: TradingAccount) => {
  const open = account.orders.open();
  return open[at % Math.max(1, open.length)];
};
const cancel = fc.nat(20).map((at) => (account: TradingAccount): AccountInput | undefined => {
  const order = pick(at, account);
  return order && { kind: 'cancel', orderId: order.id };
});
const replace = fc.nat(20).map((at) => (account: TradingAccount): AccountInput | undefined => {
  const order = pick(at, account);
  const whole = Math.ceil((order?.quantity ?? 0) / 1e9) * 1e9 + 5e9;
  return order && { kind: 'replace', orderId: order.id, patch: { quantity: whole } };
});
const step: fc.Arbitrary<Step> = fc.record({
  waitUs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 90 }).map((s) => s * 1_000_000) },
    { weight: 1, arbitrary: fc.constant(4 * 60 * MINUTE_US) },
    { weight: 1, arbitrary: fc.constant(18 * 60 * MINUTE_US) },
  ),
  make: fc.oneof(
    { weight: 5, arbitrary: submit },
    { weight: 1, arbitrary: cancel },
    { weight: 1, arbitrary: replace },
    { weight: 1, arbitrary: fc.constant(() => ({ kind: 'cancelAll' }) as const) },
  ),
});

interface World {
  readonly exchange: AlpacaExchange;
  readonly account: TradingAccount;
  readonly updates: TradeUpdate[];
}

function open(): World {
  const faults = new FaultBook();
  const exchange = new AlpacaExchange({ calendar, world, prices, faults, startUs: START_US }, [
    {
      ...{ accountId: 'A', accountNumber: 'PA1', cashMicros: CASH },
      ...{ multiplier: 2, optionsLevel: 3 },
    },
  ]);
  const updates: TradeUpdate[] = [];
  exchange.onUpdate((_account, update) => updates.push(update));
  const [account] = exchange.accounts;
  if (account === undefined) throw new Error('the exchange opened no account');
  return { exchange, account, updates };
}

/** Does something; what is refused must have changed nothing. */
function tryTo(account: TradingAccount, input: AccountInput, atUs: number): boolean {
  const before = JSON.stringify(stateOf(account));
  try {
    perform(account, input, atUs);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(JSON.stringify(stateOf(account))).toBe(before);
    return false;
  }
}

function stateOf(account: TradingAccount) {
  const { book, orders } = account;
  return {
    cash: book.cashMicros,
    positions: book.open(),
    activities: book.activities.map(({ json }) => json),
    orders: orders.all().map((order) => orderJson(order, true)),
  };
}

/** Cash, positions and activities tell the same story; orders never fill beyond what they are. */
function agrees({ account, updates }: World): void {
  const { book, orders, funds } = account;
  let cash: number = CASH;
  const held = new Map<string, number>();
  for (const { type, json } of book.activities) {
    const symbol = String(json.symbol ?? '');
    const qty = Math.round(Number(json.qty ?? 0) * 1e9);
    if (type === 'FILL') {
      const sign = json.side === 'buy' ? 1 : -1;
      cash -= Math.round(sign * Number(json.price) * (qty / 1e9) * 1e6);
      held.set(symbol, (held.get(symbol) ?? 0) + sign * qty);
    } else {
      cash += Math.round(Number(json.net_amount) * 1e6);
      if (type === 'SPLIT') held.set(symbol, (held.get(symbol) ?? 0) + qty);
    }
  }
  const fills = book.activities.length;
  expect(Math.abs(cash - book.cashMicros)).toBeLessThanOrEqual(fills);
  for (const symbol of ['AAPL', 'SPY']) expect(book.held(symbol)).toBe(held.get(symbol) ?? 0);
  for (const order of orders.all()) {
    expect(order.filledQuantity).toBeGreaterThanOrEqual(0);
    if (order.notionalMicros === undefined) expect(remainingOf(order)).toBeGreaterThanOrEqual(0);
    // An order of an amount of money has no quantity before its first price.
    const isWhole = order.quantity > 0 && remainingOf(order) === 0;
    expect(order.status === 'filled').toBe(!isOpen(order) && isWhole);
  }
  for (const [symbol, { quantity }] of book.open()) {
    const available = availableQuantity(funds, symbol);
    expect(available).toBeLessThanOrEqual(Math.abs(quantity));
  }
  expect(fundsOf(funds).buyingPowerMicros).toBeGreaterThanOrEqual(0);
  const told = updates.filter(({ event }) => event === 'fill' || event === 'partial_fill');
  const ids = told.map(({ execution }) => execution?.executionId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(told).toHaveLength(book.activities.filter(({ type }) => type === 'FILL').length);
}

it('keeps cash, positions, activities, orders and updates in agreement, over any orders and days', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
      const one = open();
      let atUs = START_US;
      for (const { waitUs, make } of steps) {
        atUs += waitUs;
        one.exchange.advance(atUs);
        const input = make(one.account);
        if (input !== undefined) tryTo(one.account, input, atUs);
        agrees(one);
      }
    }),
    { numRuns: 150 },
  );
});

it('comes to the same state in whatever steps its time is told, so that a journal rebuilds it', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1_000_000, max: 70 * 1_000_000 }),
      (steps, strideUs) => {
        const one = open();
        const two = open();
        let atUs = START_US;
        for (const { waitUs, make } of steps) {
          for (let us = atUs; us < atUs + waitUs && waitUs < MINUTE_US * 60; us += strideUs) {
            one.exchange.advance(us);
          }
          atUs += waitUs;
          one.exchange.advance(atUs);
          const input = make(one.account);
          if (input === undefined || !tryTo(one.account, input, atUs)) continue;
          two.exchange.advance(atUs);
          perform(two.account, input, atUs);
        }
        two.exchange.advance(atUs);
        expect(stateOf(two.account)).toEqual(stateOf(one.account));
        expect(two.updates).toEqual(one.updates);
      },
    ),
    { numRuns: 80 },
  );
});
