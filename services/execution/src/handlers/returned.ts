import { executedQuantity, type Order, type VenueEvent } from '@capstan/domain';
import { type Account, findOrders } from '../effects.ts';
import type { Step } from '../step.ts';
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

/**
 * Lets go of what came back and the venue shows as ended, with no more filled than is known here: the word of its end was lost. What
 * it has filled beyond that is still to be told.
 */
export async function letGoOfEnded(
  account: Account,
  step: Step,
  orders: readonly Order[],
): Promise<void> {
  const { state } = account;
  const answers = await findOrders(account, orders);
  for (const [index, { orderId, filledQuantity }] of orders.entries()) {
    const answer = answers[index];
    if (answer?.kind !== 'found' || answer.order.state === 'working') continue;
    if (answer.order.filledQuantity !== filledQuantity) continue;
    state.returned.delete(orderId);
    state.cancels.delete(orderId);
    step.keepState();
  }
}
