import { type Order, priceNanos, quantity, timeUs } from '@capstan/domain';
import type { VenueEvent } from '@capstan/ports';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Order as WireOrder } from '../gen/capstan/execution/v1/order.ts';
import { VenueEvent as WireEvent } from '../gen/capstan/execution/v1/paper_exchange_service.ts';
import { orderFromWire, orderToWire } from './order.ts';
import { venueEventFromWire, venueEventToWire } from './venue.ts';

const prices = fc.integer({ min: 1, max: 2 ** 50 }).map(priceNanos);
const quantities = fc.integer({ min: 1, max: 2 ** 50 }).map(quantity);
const revisions = fc.record(
  { quantity: quantities, limitPriceNanos: prices, stopPriceNanos: prices },
  { requiredKeys: ['quantity'], noNullPrototype: true },
);
const counts = fc.integer({ min: 1, max: 1_000 });
const replaces = fc.record(
  { count: counts, approved: revisions, asked: revisions },
  { requiredKeys: ['count', 'approved'], noNullPrototype: true },
);
const orders: fc.Arbitrary<Order> = fc
  .record({ executedQuantity: quantities, replaces }, { requiredKeys: [] })
  .map((more) => ({
    ...{ orderId: 'o', intentId: 'i', runId: 'live', accountId: 'paper', botId: 'trend' },
    ...{ symbol: 'SPY', side: 'buy', quantity: quantity(10), type: 'limit', timeInForce: 'gtc' },
    ...{ limitPriceNanos: priceNanos(1), reducing: false, leg: 0, attempt: 1 },
    ...{ decidedAtUs: timeUs(1), expiresAtUs: timeUs(2), state: 'replacing' },
    ...{ filledQuantity: quantity(0), filledNotionalMicros: 0, version: 3, updatedAtUs: timeUs(3) },
    ...more,
  })) as fc.Arbitrary<Order>;
const head = { sequence: 7, accountId: 'paper', orderId: 'o', eventAtUs: timeUs(5) };
const events: fc.Arbitrary<VenueEvent> = fc.oneof(
  fc
    .tuple(counts, revisions)
    .map(([count, to]): VenueEvent => ({ ...head, kind: 'replaced', count, ...to })),
  fc
    .string({ minLength: 1 })
    .map((reason): VenueEvent => ({ ...head, kind: 'replaceRejected', reason })),
);

it('a replaced order and what the venue says of a replace pass the wire unchanged', () => {
  fc.assert(
    fc.property(orders, events, (order, event) => {
      const sent = WireOrder.encode(orderToWire(order)).finish();
      expect(orderFromWire(WireOrder.decode(sent))).toEqual(order);
      const told = WireEvent.encode(venueEventToWire(event)).finish();
      expect(venueEventFromWire(WireEvent.decode(told))).toEqual(event);
    }),
  );
});
