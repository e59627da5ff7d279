import { newOrder, type Order, orderId, quantity, timeUs } from '@capstan/domain';
import type { VenueOrder } from '@capstan/ports';
import { expect, it } from 'vitest';
import { tellApart } from './foreign-orders.ts';

const idOf = (leg: number): string => orderId({ intentId: 'i', leg, attempt: 2 });
const entry: Order = newOrder(
  {
    ...{ orderId: idOf(0), intentId: 'i', leg: 0, attempt: 2, runId: 'live', accountId: 'main' },
    ...{ botId: 'b', symbol: 'SPY', side: 'buy', quantity: quantity(5), reducing: false },
    ...{ type: 'market', timeInForce: 'day', decidedAtUs: timeUs(1), expiresAtUs: timeUs(2) },
  },
  timeUs(1),
);
const store = {
  order: (id: string) => Promise.resolve(id === entry.orderId ? entry : undefined),
};
const atVenue = (orderId: string, of: Partial<VenueOrder> = {}): VenueOrder => ({
  ...{ venueOrderId: `v-${orderId}`, orderId, symbol: 'SPY', state: 'working' },
  ...{ filledQuantity: quantity(0), ...of },
});

it('knows an exit that the venue made of an entry of ours by the id that it has here', async () => {
  const made = atVenue('drawn', { exitOf: { orderId: entry.orderId, leg: 1 } });
  const { own, foreign } = await tellApart(store, [made, atVenue(entry.orderId)], [entry]);
  expect(own.map((one) => one.orderId)).toEqual([idOf(1), entry.orderId]);
  expect(foreign).toEqual([]);
});

it("takes an exit of somebody else's order, and an order that nobody here knows, for foreign", async () => {
  const other = atVenue('drawn', { exitOf: { orderId: idOf(7), leg: 1 } });
  const { own, foreign } = await tellApart(store, [other, atVenue('a person')], []);
  expect(own).toEqual([]);
  expect(foreign.map((one) => one.orderId)).toEqual(['a person', 'drawn']);
});
