import { type Order, orderId as orderIdOf } from '@capstan/domain';
import type { Store, VenueOrder } from '@capstan/ports';

/** What works at the venue, told apart by whose it is. */
export interface WorkingOrders {
  /** Orders that the journal has, whatever it says of them. */
  readonly own: readonly VenueOrder[];
  /** Orders of somebody else: ours are journaled before they are sent. */
  readonly foreign: readonly VenueOrder[];
}

/**
 * Tells our orders from somebody else's, who may trade on the account as well.
 * @param open the orders that the journal has as open.
 */
export async function tellApart(
  store: Pick<Store, 'order'>,
  working: readonly VenueOrder[],
  open: readonly Order[],
): Promise<WorkingOrders> {
  const named = await Promise.all(working.map((one) => nameExit(store, one)));
  const known = new Set(open.map((one) => one.orderId));
  const strange = named.filter((one) => !known.has(one.orderId) && one.exitOf === undefined);
  const journaled = await Promise.all(strange.map(({ orderId }) => store.order(orderId)));
  const foreign = new Set(strange.filter((_, index) => journaled[index] === undefined));
  return {
    own: named.filter((one) => !foreign.has(one)),
    foreign: [...foreign].sort((a, b) => (a.orderId < b.orderId ? -1 : 1)),
  };
}

/**
 * Gives an exit that the venue made the id that it has here. One whose entry is not journaled is somebody else's, whatever the venue
 * says; one of ours that is not journaled yet is told soon.
 */
async function nameExit(store: Pick<Store, 'order'>, one: VenueOrder): Promise<VenueOrder> {
  const { exitOf, ...order } = one;
  if (exitOf === undefined) return one;
  const entry = await store.order(exitOf.orderId);
  if (entry === undefined) return order;
  const { intentId, attempt } = entry;
  return { ...one, orderId: orderIdOf({ intentId, leg: exitOf.leg, attempt }) };
}
