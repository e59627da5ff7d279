import { getCalendar } from '@capstan/calendar';
import { cashMicros, priceNanos } from '@capstan/domain';
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
  /** Units of the next trades of a symbol, so that orders fill in parts. */
  readonly thin: { readonly symbol: string; readonly units: number } | undefined;
  readonly make: (account: TradingAccount) => AccountInput | undefined;
}

/** Cents from the last price. */
const offset = fc.integer({ min: -40, max: 40 });
const whole = fc.integer({ min: 1, max: 120 }).map((qty) => ({ qty: String(qty) }));
const part = fc.oneof(
  fc.integer({ min: 1, max: 999 }).map((hundredths) => ({ qty: `${hundredths / 100}` })),
  fc.integer({ min: 2, max: 900 }).map((notional) => ({ notional: String(notional) })),
);
const simple = fc.oneof(
  fc.constant({ type: 'market' }),
  offset.map((by) => ({ type: 'limit', limit_price: by })),
);
const waiting = fc.oneof(
  offset.map((by) => ({ type: 'stop', stop_price: by })),
  fc.constant({ type: 'trailing_stop', trail_percent: '0.2' }),
);
const kind = (
  weight: number,
  amount: fc.Arbitrary<object>,
  price: fc.Arbitrary<object>,
  more: fc.Arbitrary<object>,
) => ({
  weight,
  arbitrary: fc
    .tuple(amount, price, more)
    .map((parts) => Object.assign({}, ...parts) as Readonly<Record<string, unknown>>),
});
const inForce = (...words: readonly string[]) =>
  fc.constantFrom(...words).map((time_in_force) => ({ time_in_force }));
/** Mostly what is taken, so that refusals are few and fills are many. */
const shape = fc.oneof(
  kind(5, whole, fc.oneof(simple, waiting), inForce('day', 'gtc')),
  kind(2, part, simple, inForce('day')),
  kind(1, whole, simple, inForce('ioc', 'fok', 'cls')),
  kind(
    1,
    whole,
    offset.map((by) => ({ type: 'limit', limit_price: by })),
    fc.constant({ time_in_force: 'day', extended_hours: true }),
  ),
  kind(
    3,
    whole,
    fc.constant({ type: 'market' }),
    fc.constantFrom('bracket', 'oto').map((order_class) => ({ order_class, time_in_force: 'gtc' })),
  ),
  kind(
    3,
    whole,
    fc.constant({ type: 'limit' }),
    fc.constant({ order_class: 'oco', time_in_force: 'gtc' }),
  ),
);
const submit = fc
  .record({
    shape,
    side: fc.constantFrom('buy', 'buy', 'sell'),
    symbol: fc.constantFrom('AAPL', 'SPY'),
    width: fc.integer({ min: 3, max: 30 }),
  })
  .map(({ shape: fields, side, symbol, width }) => (account: TradingAccount) => {
    const cents = account.funds.prices.last(symbol) / 10_000_000;
    const near = (by: number): string => ((cents + by) / 100).toFixed(2);
    const priced = Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'number' ? near(value) : value,
    ]);
    const held = account.book.held(symbol);
    const { order_class: of } = fields;
    const closing = held > 0 ? 'sell' : 'buy';
    // Exits of what is held close it; those of an entry are on its other side.
    const sign = (of === 'oco' ? held > 0 : side === 'buy') ? 1 : -1;
    const body = {
      ...{ ...Object.fromEntries(priced), symbol, side: of === 'oco' ? closing : side },
      ...(of === 'oco' && held !== 0 ? { qty: String(Math.floor(Math.abs(held) / 1e9) || 1) } : {}),
      ...(of === undefined ? {} : { take_profit: { limit_price: near(sign * width) } }),
      ...(of === 'bracket' || of === 'oco'
        ? { stop_loss: { stop_price: near(-sign * width) } }
        : {}),
    };
    return { kind: 'submit', request: readOrder(body) } as const;
  });
const pick = (at: number, account: TradingAccount) => {
  const open = account.orders.open();
  return open[at % Math.max(1, open.length)];
};
const cancel = fc.nat(20).map((at) => (account: TradingAccount): AccountInput | undefined => {
  const order = pick(at, account);
  return order && { kind: 'cancel', orderId: order.id };
});
const replace = fc.tuple(fc.nat(20), offset).map(([at, by]) => (account: TradingAccount) => {
  const order = pick(at, account);
  if (order === undefined) return undefined;
  const whole = Math.ceil(order.quantity / 1e9) * 1e9 + 5e9;
  const cents = account.funds.prices.last(order.symbol) / 10_000_000;
  const price = priceNanos((Math.round(cents) + by) * 10_000_000);
  const prices = {
    ...(order.limitNanos === undefined ? {} : { limitNanos: price }),
    ...(order.stopNanos === undefined || order.limitNanos !== undefined
      ? {}
      : { stopNanos: price }),
  };
  const patch = order.orderClass === 'simple' ? { ...prices, quantity: whole } : prices;
  return { kind: 'replace', orderId: order.id, patch } as const;
});
const step: fc.Arbitrary<Step> = fc.record({
  thin: fc.option(
    fc.record({ symbol: fc.constantFrom('AAPL', 'SPY'), units: fc.integer({ min: 1, max: 9 }) }),
    { nil: undefined },
  ),
  waitUs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 90 }).map((s) => s * 1_000_000) },
    { weight: 1, arbitrary: fc.constant(4 * 60 * MINUTE_US) },
    { weight: 1, arbitrary: fc.constant(18 * 60 * MINUTE_US) },
  ),
  make: fc.oneof(
    { weight: 7, arbitrary: submit },
    { weight: 1, arbitrary: cancel },
    { weight: 1, arbitrary: replace },
    { weight: 1, arbitrary: fc.constant(() => ({ kind: 'cancelAll' }) as const) },
  ),
});

interface World {
  readonly faults: FaultBook;
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
  return { faults, exchange, account, updates };
}

function thinOut({ faults }: World, { thin }: Step): void {
  if (thin !== undefined) faults.add({ kind: 'thin', times: 2, ...thin });
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
  // A micro of rounding for each fill.
  expect(Math.abs(cash - book.cashMicros)).toBeLessThanOrEqual(fills);
  for (const symbol of ['AAPL', 'SPY']) expect(book.held(symbol)).toBe(held.get(symbol) ?? 0);
  for (const order of orders.all()) {
    expect(order.filledQuantity).toBeGreaterThanOrEqual(0);
    if (order.notionalMicros === undefined) expect(remainingOf(order)).toBeGreaterThanOrEqual(0);
    // An order of an amount of money has no quantity before its first price.
    const isWhole = order.quantity > 0 && remainingOf(order) === 0;
    expect(order.status === 'filled').toBe(!isOpen(order) && isWhole);
  }
  for (const { legs, group, status, carried, filledQuantity } of orders.all()) {
    // What exits fill together is no more than what their entry did, and the whole of one ends the others.
    if (legs[0]?.orderClass === 'bracket' && status === 'filled') {
      const exits = legs.reduce((sum, leg) => sum + leg.carried + leg.filledQuantity, 0);
      expect(exits).toBeLessThanOrEqual(carried + filledQuantity);
    }
    if (group.some((one) => one.status === 'filled')) {
      expect(group.filter(isOpen)).toEqual([]);
    }
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
      for (const next of steps) {
        atUs += next.waitUs;
        one.exchange.advance(atUs);
        thinOut(one, next);
        const input = next.make(one.account);
        if (input !== undefined) tryTo(one.account, input, atUs);
        agrees(one);
      }
    }),
    { numRuns: 100 },
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
        for (const next of steps) {
          const { waitUs } = next;
          for (let us = atUs; us < atUs + waitUs && waitUs < MINUTE_US * 60; us += strideUs) {
            one.exchange.advance(us);
          }
          atUs += waitUs;
          one.exchange.advance(atUs);
          thinOut(one, next);
          const input = next.make(one.account);
          const isDone = input !== undefined && tryTo(one.account, input, atUs);
          if (next.thin === undefined && !isDone) continue;
          two.exchange.advance(atUs);
          thinOut(two, next);
          if (isDone) perform(two.account, input, atUs);
        }
        two.exchange.advance(atUs);
        expect(stateOf(two.account)).toEqual(stateOf(one.account));
        expect(two.updates).toEqual(one.updates);
      },
    ),
    { numRuns: 40 },
  );
});
