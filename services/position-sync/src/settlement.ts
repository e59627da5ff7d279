import { isExit, type OrderState } from '@capstan/domain';
import type { LedgerCashRecord, Store, VenueOrder } from '@capstan/ports';
import { tellApart } from './foreign-orders.ts';
import { LIMITS } from './limits.ts';

/** How the orders of an account stand. */
export interface Settlement {
  readonly isSettled: boolean;
  readonly foreign: readonly VenueOrder[];
}

/** States in which the venue may still have an order working. */
const OPEN_STATES: readonly OrderState[] = [
  'submitting',
  'unknown',
  'accepted',
  'partiallyFilled',
  'cancelling',
  'replacing',
];

/**
 * Tells whether nothing is in flight: the venue's working orders are the journal's, filled as far, and risk has a reservation for
 * each and for no other, but for protective exits, which need none. Orders of somebody else may work as they like.
 */
export async function settlementOf(
  store: Store,
  accountId: string,
  working: readonly VenueOrder[],
): Promise<Settlement> {
  const [reservations, orders] = await Promise.all([
    store.reservations(accountId),
    store.orders({ accountId, states: OPEN_STATES, limit: LIMITS.openOrdersMax }),
  ]);
  const { own, foreign } = await tellApart(store, working, orders);
  const atVenue = new Map(own.map((order) => [order.orderId, order.filledQuantity]));
  const reserved = new Set(
    reservations.filter((one) => one.openQuantity > 0).map((one) => one.orderId),
  );
  const reserving = orders.filter((order) => !isExit(order));
  const isSettled =
    orders.length === atVenue.size &&
    reserving.length === reserved.size &&
    orders.every((order) => atVenue.get(order.orderId) === order.filledQuantity) &&
    reserving.every((order) => reserved.has(order.orderId));
  return { isSettled, foreign };
}

/**
 * Tells whether the ledger includes all that is journaled: each entry changes a row of cash, which says how far it is. Rows that an
 * older version wrote say nothing.
 */
export async function isAllApplied(
  store: Store,
  accountId: string,
  cash: readonly LedgerCashRecord[],
): Promise<boolean> {
  const through = cash.flatMap(({ throughSequence }) => throughSequence ?? []);
  if (through.length === 0) return true;
  return (await store.entriesAfter(accountId, Math.max(...through), 1)).length === 0;
}
