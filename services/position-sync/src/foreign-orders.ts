import type { Order } from '@capstan/domain';
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
  const known = new Set(open.map((one) => one.orderId));
  const strange = working.filter((one) => !known.has(one.orderId));
  const journaled = await Promise.all(strange.map(({ orderId }) => store.order(orderId)));
  const foreign = new Set(strange.filter((_, index) => journaled[index] === undefined));
  return {
    own: working.filter((one) => !foreign.has(one)),
    foreign: [...foreign].sort((a, b) => (a.orderId < b.orderId ? -1 : 1)),
  };
}
