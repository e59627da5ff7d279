import { describe, expect, it } from 'vitest';
import { InvariantError } from './errors.ts';
import { cashMicros, parsePrice, quantity, timeUs } from './numbers.ts';
import { ORDER_STATES, type Order, type OrderState, type OrderTerms } from './order.ts';
import { newOrder, type OrderEvent, transition } from './order-machine.ts';
import {
  isTerminal,
  isWorking,
  ORDER_EVENT_KINDS,
  ORDER_TABLE,
  type OrderEventKind,
  openQuantity,
} from './order-table.ts';

const terms: OrderTerms = {
  orderId: 'o1',
  intentId: 'i1',
  runId: 'live',
  accountId: 'paper',
  botId: 'trend',
  symbol: 'SPY',
  side: 'buy',
  quantity: quantity(10),
  type: 'limit',
  limitPriceNanos: parsePrice('100'),
  timeInForce: 'day',
  reducing: false,
  leg: 0,
  attempt: 1,
  decidedAtUs: timeUs(1),
  expiresAtUs: timeUs(60),
};
const submit: OrderEvent = { kind: 'submit' };
const timeout: OrderEvent = { kind: 'timeout', reason: 'no answer in 2 s' };
const accept: OrderEvent = { kind: 'accept', venueOrderId: 'v1' };
const fill = (lots: number): OrderEvent => ({
  kind: 'fill',
  quantity: quantity(lots),
  notionalMicros: cashMicros(lots * 100),
});
const unfill = (lots: number): OrderEvent => ({
  kind: 'unfill',
  quantity: quantity(lots),
  notionalMicros: cashMicros(lots * 100),
});
const said = (
  kind: Exclude<
    OrderEventKind,
    'submit' | 'accept' | 'fill' | 'unfill' | 'requestReplace' | 'replace'
  >,
): OrderEvent => ({ kind, reason: `${kind}!` });
const terms101 = (lots = 10) => ({ quantity: quantity(lots), limitPriceNanos: parsePrice('101') });
const ask = (lots = 10): OrderEvent => ({ kind: 'requestReplace', revision: terms101(lots) });
const replace = (lots = 10, count = 1): OrderEvent => ({
  kind: 'replace',
  count,
  revision: terms101(lots),
});

/** Applies events that must each change the order. */
function after(...events: readonly OrderEvent[]): Order {
  return events.reduce(
    (order, event, index) => {
      const result = transition(order, event, timeUs(10 + index));
      if (result.kind !== 'changed') throw new Error(`${event.kind} was ignored: ${result.why}`);
      return result.order;
    },
    newOrder(terms, timeUs(5)),
  );
}

/** An order of 10 in each state; those that can have a partial fill have 4. */
const IN_STATE: Readonly<Record<OrderState, readonly OrderEvent[]>> = {
  approved: [],
  submitting: [submit],
  unknown: [submit, timeout],
  accepted: [submit, accept],
  partiallyFilled: [submit, accept, fill(4)],
  cancelling: [submit, accept, fill(4), said('requestCancel')],
  replacing: [submit, accept, fill(4), ask()],
  filled: [submit, accept, fill(10)],
  cancelled: [submit, accept, fill(4), said('cancel')],
  rejected: [submit, said('reject')],
  expired: [submit, accept, fill(4), said('expire')],
  denied: [said('deny')],
};

it('starts approved, at version 1, with nothing filled', () => {
  expect(newOrder(terms, timeUs(5))).toEqual({
    ...terms,
    state: 'approved',
    filledQuantity: 0,
    filledNotionalMicros: 0,
    version: 1,
    updatedAtUs: 5,
  });
  expect(() => newOrder({ ...terms, quantity: quantity(0) }, timeUs(5))).toThrow(InvariantError);
});

it('has every event in every state', () => {
  expect(Object.keys(ORDER_TABLE).sort()).toEqual([...ORDER_STATES].sort());
  for (const state of ORDER_STATES) {
    expect(Object.keys(ORDER_TABLE[state]).sort()).toEqual([...ORDER_EVENT_KINDS].sort());
    expect(after(...IN_STATE[state]).state).toBe(state);
  }
});

it('knows which states are ends and which may still fill', () => {
  expect(ORDER_STATES.filter(isTerminal)).toEqual([
    'filled',
    'cancelled',
    'rejected',
    'expired',
    'denied',
  ]);
  expect(ORDER_STATES.filter(isWorking)).toEqual([
    'submitting',
    'unknown',
    'accepted',
    'partiallyFilled',
    'cancelling',
    'replacing',
  ]);
});

it('records the life of an order', () => {
  const order = after(submit, accept, fill(4), fill(6));
  expect(order).toEqual({
    ...terms,
    state: 'filled',
    venueOrderId: 'v1',
    filledQuantity: 10,
    filledNotionalMicros: 1_000,
    version: 5,
    updatedAtUs: 13,
  });
});

describe('an unknown order', () => {
  it.each<[OrderEvent, OrderState]>([
    [submit, 'submitting'],
    [accept, 'accepted'],
    [fill(4), 'partiallyFilled'],
    [fill(10), 'filled'],
    [said('reject'), 'rejected'],
    [said('cancel'), 'cancelled'],
    [said('expire'), 'expired'],
    [said('confirmAbsent'), 'rejected'],
  ])('is resolved by $kind', (event, state) => {
    expect(after(submit, timeout, event).state).toBe(state);
  });

  it('says why it is unknown, until it is resolved', () => {
    expect(after(submit, timeout).reason).toBe('no answer in 2 s');
    expect('reason' in after(submit, timeout, accept)).toBe(false);
  });

  it('stays unknown after another timeout and a request to cancel', () => {
    const order = after(submit, timeout);
    for (const event of [timeout, said('requestCancel')]) {
      expect(transition(order, event, timeUs(20)).kind).toBe('ignored');
    }
  });
});

describe('cancelling', () => {
  it('ends when the venue says so, and keeps what was filled meanwhile', () => {
    const order = after(submit, accept, said('requestCancel'), fill(3), said('cancel'));
    expect(order).toMatchObject({ state: 'cancelled', filledQuantity: 3, reason: 'cancel!' });
  });

  it('keeps its reason while a partial fill comes, and fills to the end', () => {
    const part = after(submit, accept, said('requestCancel'), fill(3));
    expect(part).toMatchObject({ state: 'cancelling', reason: 'requestCancel!' });
    expect(after(submit, accept, said('requestCancel'), fill(10)).state).toBe('filled');
  });

  it('goes back to where it was when the venue refuses', () => {
    const request = said('requestCancel');
    expect(after(submit, accept, request, said('rejectCancel')).state).toBe('accepted');
    expect(after(submit, accept, fill(1), request, said('rejectCancel'))).toMatchObject({
      state: 'partiallyFilled',
      reason: 'rejectCancel!',
    });
  });

  it('ends an order at once that was never sent', () => {
    expect(after({ kind: 'requestCancel' }).state).toBe('cancelled');
  });
});

describe('late and repeated events', () => {
  it('counts fills after the end without leaving it', () => {
    const order = after(submit, accept, said('cancel'), fill(4), fill(6));
    expect(order).toMatchObject({ state: 'cancelled', filledQuantity: 10, reason: 'cancel!' });
    expect(openQuantity(order)).toBe(0);
  });

  it('learns the id from an acceptance after the last fill, and leaves the end as it is', () => {
    const order = after(submit, fill(10), accept);
    expect(order).toMatchObject({ state: 'filled', venueOrderId: 'v1' });
    expect(transition(order, accept, timeUs(20)).kind).toBe('ignored');
  });

  it('takes an acceptance that does not name the order, once', () => {
    const bare: OrderEvent = { kind: 'accept' };
    const order = after(submit, said('timeout'), bare);
    expect(order.state).toBe('accepted');
    expect(transition(order, bare, timeUs(20)).kind).toBe('ignored');
    expect(after(submit, said('timeout'), bare, accept).venueOrderId).toBe('v1');
  });

  it("takes the venue's id from an acceptance that comes after the first fill, once", () => {
    const order = after(submit, fill(4), accept);
    expect(order).toMatchObject({ state: 'partiallyFilled', venueOrderId: 'v1', version: 4 });
    const again = transition(order, { kind: 'accept', venueOrderId: 'v2' }, timeUs(20));
    expect(again).toEqual({ kind: 'ignored', why: "the venue's id of the order is already v1" });
  });
});

describe('quantities', () => {
  it('reports an overfill and records it', () => {
    const result = transition(after(submit, accept, fill(8)), fill(3), timeUs(20));
    expect(result).toMatchObject({
      kind: 'changed',
      overfilled: true,
      order: { state: 'filled', filledQuantity: 11, filledNotionalMicros: 1_100 },
    });
    expect(transition(after(submit, accept), fill(10), timeUs(20))).toMatchObject({
      overfilled: false,
    });
  });

  it('takes back a bust, and never resurrects', () => {
    expect(after(submit, accept, fill(4), unfill(4))).toMatchObject({
      state: 'accepted',
      filledQuantity: 0,
      filledNotionalMicros: 0,
    });
    expect(after(submit, accept, fill(4), fill(2), unfill(4)).state).toBe('partiallyFilled');
    const request = said('requestCancel');
    expect(after(submit, accept, fill(4), request, unfill(4)).state).toBe('cancelling');
    const filled = after(submit, accept, fill(10), unfill(4));
    expect(filled).toMatchObject({ state: 'filled', filledQuantity: 6 });
    expect(openQuantity(filled)).toBe(0);
  });

  it('ends by what was executed, whether a bust comes before or after the last fill', () => {
    const before = after(submit, accept, fill(4), unfill(4), fill(6));
    const late = after(submit, accept, fill(4), fill(6), unfill(4));
    for (const order of [before, late]) {
      expect(order).toMatchObject({ state: 'filled', filledQuantity: 6, executedQuantity: 10 });
    }
    const open = after(submit, accept, fill(4), unfill(4));
    expect(openQuantity(open)).toBe(6);
    expect('executedQuantity' in after(submit, accept, fill(4))).toBe(false);
  });

  it('counts what a correction says anew, but not as executed again', () => {
    const again = { ...fill(3), corrects: true } as OrderEvent;
    const order = after(submit, accept, fill(4), unfill(4), again);
    expect(order).toMatchObject({ filledQuantity: 3, executedQuantity: 4 });
    expect(after(submit, accept, fill(4), unfill(4), again, fill(6)).state).toBe('filled');
  });

  it('refuses a fill of nothing and taking back more than was filled', () => {
    expect(() => after(submit, accept, fill(0))).toThrow(InvariantError);
    expect(() => after(submit, accept, fill(4), unfill(5))).toThrow(InvariantError);
  });
});

describe('replacing', () => {
  it('works by its old terms until the venue says that it has the new ones', () => {
    const asked = after(submit, accept, ask(8));
    expect(asked).toMatchObject({ state: 'replacing', quantity: 10, limitPriceNanos: 100e9 });
    expect(asked.replaces?.asked).toEqual(terms101(8));
    const order = after(submit, accept, ask(8), replace(8));
    expect(order).toMatchObject({ state: 'accepted', quantity: 8, limitPriceNanos: 101e9 });
    expect(order.replaces).toEqual({
      count: 1,
      approved: { quantity: 10, limitPriceNanos: 100e9 },
    });
    expect(openQuantity(order)).toBe(8);
  });

  it('loses nothing that was filled, by either price', () => {
    expect(after(submit, accept, ask(), fill(3), replace(), fill(2))).toMatchObject({
      state: 'partiallyFilled',
      filledQuantity: 5,
      filledNotionalMicros: 500,
    });
    const filled = after(submit, accept, ask(), fill(10));
    expect(filled.state).toBe('filled');
    expect('asked' in (filled.replaces ?? {})).toBe(false);
    expect(transition(filled, said('rejectReplace'), timeUs(20)).kind).toBe('ignored');
  });

  it('is filled where the new quantity was executed already', () => {
    expect(after(submit, accept, ask(6), fill(6), replace(6)).state).toBe('filled');
  });

  it('goes back to where it was when the venue refuses', () => {
    const order = after(submit, accept, fill(4), ask(), said('rejectReplace'));
    expect(order).toMatchObject({ state: 'partiallyFilled', limitPriceNanos: 100e9 });
    expect(order.reason).toBe('rejectReplace!');
  });

  it('counts requests, and waits for the answer to the last', () => {
    const order = after(submit, accept, ask(), replace(), ask(12));
    expect(order.replaces?.count).toBe(2);
    expect(order.replaces?.approved.quantity).toBe(10);
    expect(after(submit, accept, ask(), replace(), ask(12), replace(9, 1)).state).toBe('replacing');
    expect(transition(order, ask(13), timeUs(20)).kind).toBe('ignored');
  });

  it('can be cancelled meanwhile; new terms that come then are taken', () => {
    const order = after(submit, accept, ask(12), said('requestCancel'), replace(12));
    expect(order).toMatchObject({ state: 'cancelling', quantity: 12 });
  });

  it('cannot be asked to less than was executed', () => {
    expect(() => after(submit, accept, fill(4), ask(4))).toThrow(InvariantError);
  });
});

it.each<[OrderState, OrderEventKind]>([
  ['approved', 'timeout'],
  ['approved', 'confirmAbsent'],
  ['submitting', 'submit'],
  ['accepted', 'submit'],
  ['filled', 'submit'],
  ['cancelled', 'submit'],
  ['denied', 'submit'],
  ['denied', 'timeout'],
  ['unknown', 'deny'],
  ['accepted', 'deny'],
  ['accepted', 'unfill'],
])('calls a bug what cannot be: %s and then %s', (state, kind) => {
  expect(ORDER_TABLE[state][kind]).toBe('invalid');
  const event = { ...unfill(1), kind, reason: '', venueOrderId: '' } as OrderEvent;
  expect(() => transition(after(...IN_STATE[state]), event, timeUs(20))).toThrow(InvariantError);
});
