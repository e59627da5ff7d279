import { executedQuantity, type Order, type VenueEvent } from '@capstan/domain';
import type { Account } from '../effects.ts';
import { type Taking, unwant } from './take-event.ts';

const WHY = 'it was given up as never taken';

/** Words after which the venue has nothing of an order any more. */
const ENDS: readonly VenueEvent['kind'][] = ['cancelled', 'expired', 'rejected'];

/** Tells whether the venue has an order after all that was given up as never taken. */
export function isBack({ kind }: VenueEvent, { state, venueOrderId }: Order): boolean {
  const isThere = kind === 'accepted' || kind === 'filled';
  return isThere && state === 'rejected' && venueOrderId === undefined;
}

/**
 * Takes back an order that was given up. It stays an order that has ended; but until the venue says that it has nothing of it any
 * more its cancel is asked for, and nothing is sent that would do the same.
 */
export function takeBack(account: Account, taking: Taking, order: Order): void {
  account.state.returned.set(order.orderId, order);
  unwant(account, taking, order, WHY);
}

/** Wants everything gone that came back, unless the venue has taken that. */
export function wantReturnedGone({ state, cancelsTaken }: Account): void {
  for (const orderId of state.returned.keys()) {
    if (!cancelsTaken.has(orderId)) state.cancels.set(orderId, WHY);
  }
}

/** Lets go of what came back once it has ended at the venue. */
export function letGo({ state }: Account, { kind, orderId }: VenueEvent): void {
  const order = state.returned.get(orderId);
  if (order === undefined) return;
  if (!ENDS.includes(kind) && executedQuantity(order) < order.quantity) return;
  state.returned.delete(orderId);
  state.cancels.delete(orderId);
}
