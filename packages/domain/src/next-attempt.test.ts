import { expect, it } from 'vitest';
import { InvariantError } from './errors.ts';
import { orderId } from './ids.ts';
import { nextAttempt } from './next-attempt.ts';
import { cashMicros, parsePrice, quantity, timeUs } from './numbers.ts';
import type { Order } from './order.ts';
import { newOrder, type OrderEvent, transition } from './order-machine.ts';

const FIRST = newOrder(
  {
    ...{ orderId: 'o1', intentId: 'i1', runId: 'live', accountId: 'paper', botId: 'trend' },
    ...{ symbol: 'SPY', side: 'buy', quantity: quantity(10), type: 'limit' },
    ...{ limitPriceNanos: parsePrice('100'), timeInForce: 'gtc', reducing: false },
    ...{ leg: 0, attempt: 1, decidedAtUs: timeUs(1), expiresAtUs: timeUs(60) },
  },
  timeUs(1),
);
const after = (...events: readonly OrderEvent[]): Order =>
  events.reduce((order, event) => {
    const result = transition(order, event, timeUs(2));
    return result.kind === 'changed' ? result.order : order;
  }, FIRST);
const submit = { kind: 'submit' } as const;
const fill = { kind: 'fill', quantity: quantity(4), notionalMicros: cashMicros(400) } as const;
const cancel = { kind: 'cancel', reason: 'unfilled' } as const;
const market = { type: 'market', decidedAtUs: timeUs(50), expiresAtUs: timeUs(90) } as const;

it('is the same intent for what is left, under an id of its own', () => {
  const next = nextAttempt(after(submit, fill, cancel), market);
  expect(next).toMatchObject({
    ...{ orderId: orderId({ intentId: 'i1', leg: 0, attempt: 2 }), attempt: 2, quantity: 6 },
    ...{ type: 'market', state: 'approved', version: 1, decidedAtUs: 50, expiresAtUs: 90 },
    replaces: { count: 1, approved: { quantity: 10, limitPriceNanos: parsePrice('100') } },
  });
  expect('limitPriceNanos' in next).toBe(false);
});

it('keeps what risk approved at first through all attempts', () => {
  const limit = { ...market, type: 'limit', limitPriceNanos: parsePrice('101') } as const;
  const second = { ...nextAttempt(after(submit, cancel), limit), state: 'cancelled' } as Order;
  const third = nextAttempt(second, limit);
  expect(third.attempt).toBe(3);
  expect(third.replaces).toEqual({
    ...{ count: 2, approved: { quantity: 10, limitPriceNanos: parsePrice('100') } },
  });
});

it('follows only what has ended with something left', () => {
  expect(() => nextAttempt(after(submit), market)).toThrow(InvariantError);
  const whole = { ...fill, quantity: quantity(10) };
  expect(() => nextAttempt(after(submit, whole), market)).toThrow(InvariantError);
});
