import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvariantError } from './errors.ts';
import { cashMicros, quantity, timeUs } from './numbers.ts';
import type { Order, OrderTerms } from './order.ts';
import { newOrder, type OrderEvent, transition } from './order-machine.ts';
import {
  executedQuantity,
  isTerminal,
  isWorking,
  ORDER_TABLE,
  openQuantity,
} from './order-table.ts';

const terms: OrderTerms = {
  orderId: 'o1',
  intentId: 'i1',
  runId: 'live',
  accountId: 'paper',
  botId: 'trend',
  symbol: 'SPY',
  side: 'sell',
  quantity: quantity(20),
  type: 'market',
  timeInForce: 'day',
  reducing: false,
  leg: 0,
  attempt: 1,
  decidedAtUs: timeUs(1),
  expiresAtUs: timeUs(60),
};

const traded = (kind: 'fill' | 'unfill') =>
  fc.record({
    kind: fc.constant(kind),
    quantity: fc.integer({ min: 1, max: 12 }).map(quantity),
    notionalMicros: fc.integer({ min: -1_000, max: 1_000 }).map(cashMicros),
  });
const said = fc.record({
  kind: fc.constantFrom(
    'timeout',
    'reject',
    'requestCancel',
    'cancel',
    'rejectCancel',
    'rejectReplace',
    'expire',
    'deny',
    'confirmAbsent',
  ),
  reason: fc.string({ maxLength: 3 }),
});
const submit = fc.constant({ kind: 'submit' } as const);
const accept = fc.record({ kind: fc.constant('accept'), venueOrderId: fc.string() });
const revision = fc.record({ quantity: fc.integer({ min: 1, max: 40 }).map(quantity) });
const asked = fc.record({ kind: fc.constant('requestReplace'), revision });
const replaced = fc.record({
  kind: fc.constant('replace'),
  count: fc.integer({ min: 1, max: 3 }),
  revision,
});
const event: fc.Arbitrary<OrderEvent> = fc.oneof(
  { weight: 2, arbitrary: submit },
  { weight: 2, arbitrary: accept },
  { weight: 4, arbitrary: traded('fill') },
  { weight: 2, arbitrary: traded('unfill') },
  { weight: 3, arbitrary: said },
  { weight: 2, arbitrary: asked },
  { weight: 2, arbitrary: replaced },
);

/** What must be true of an order whatever happened: a model of quantities only. */
interface Model {
  filled: number;
  executed: number;
  notional: number;
  changes: number;
}

function holds(order: Order, model: Model): void {
  expect(order.filledQuantity).toBe(model.filled);
  expect(executedQuantity(order)).toBe(model.executed);
  expect(order.filledNotionalMicros).toBe(model.notional);
  expect(order.version).toBe(1 + model.changes);
  const open = openQuantity(order);
  if (isTerminal(order.state)) {
    expect(open).toBe(0);
    expect(isWorking(order.state)).toBe(false);
  } else {
    expect(model.executed + open).toBe(order.quantity);
    expect(model.executed).toBeLessThan(order.quantity);
    expect(order.replaces?.asked === undefined).toBe(order.state !== 'replacing');
  }
  if (order.state === 'partiallyFilled') expect(model.filled).toBeGreaterThan(0);
  if (order.state === 'accepted') expect(model.filled).toBe(0);
}

function step(order: Order, happens: OrderEvent, model: Model): Order {
  const before = JSON.stringify(order);
  const sign = happens.kind === 'fill' ? 1 : happens.kind === 'unfill' ? -1 : 0;
  const lots = 'quantity' in happens ? sign * happens.quantity : 0;
  const outcome = ORDER_TABLE[order.state][happens.kind];
  const isTooSmall =
    outcome === 'replacing' &&
    happens.kind === 'requestReplace' &&
    happens.revision.quantity <= model.executed;
  const bug = outcome === 'invalid' || model.filled + lots < 0 || isTooSmall;
  if (bug) {
    expect(() => transition(order, happens, timeUs(2))).toThrow(InvariantError);
    return order;
  }
  const result = transition(order, happens, timeUs(2));
  expect(JSON.stringify(order)).toBe(before);
  if (result.kind === 'ignored') {
    expect(sign).toBe(0);
    return order;
  }
  model.changes += 1;
  model.filled += lots;
  model.executed += Math.max(0, lots);
  model.notional += 'quantity' in happens ? sign * happens.notionalMicros : 0;
  expect(result.overfilled).toBe(model.filled > result.order.quantity);
  if (isTerminal(order.state)) expect(result.order.state).toBe(order.state);
  return result.order;
}

it('keeps quantities, versions and ends true through any sequence of events', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const model = { filled: 0, executed: 0, notional: 0, changes: 0 };
      let order = newOrder(terms, timeUs(1));
      for (const happens of events) {
        order = step(order, happens, model);
        holds(order, model);
      }
    }),
    { numRuns: 1_000 },
  );
});

it('fills to the same quantities in whatever order the fills come, also around a cancel', () => {
  const fills = fc.array(traded('fill'), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fills, fc.nat(6), fc.gen(), (list, at, gen) => {
      const shuffled = gen(fc.shuffledSubarray, list, { minLength: list.length });
      const end: OrderEvent = { kind: 'cancel', reason: '' };
      const run = (events: readonly OrderEvent[]) => {
        const model = { filled: 0, executed: 0, notional: 0, changes: 0 };
        let order = step(newOrder(terms, timeUs(1)), { kind: 'submit' }, model);
        for (const happens of events) order = step(order, happens, model);
        return order;
      };
      const a = run([...list, end]);
      const b = run([...shuffled.slice(0, at), end, ...shuffled.slice(at)]);
      expect(b.filledQuantity).toBe(a.filledQuantity);
      expect(b.filledNotionalMicros).toBe(a.filledNotionalMicros);
      expect(isTerminal(a.state) && isTerminal(b.state)).toBe(true);
    }),
  );
});
