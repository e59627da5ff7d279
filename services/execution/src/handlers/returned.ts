import { executedQuantity, type Order, type VenueEvent } from '@capstan/domain';
import { howToResolve } from '../decide.ts';
import { type Account, findOrders } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfEvent } from '../origin.ts';
import type { Step } from '../step.ts';
import { type Taking, unwant } from './take-event.ts';
import { update } from './update-order.ts';

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
 * @returns the order, which says so.
 */
export function takeBack(account: Account, taking: Taking, order: Order, event: VenueEvent): Order {
  const { state, backAtMs, ports, ticker } = account;
  const { orderId } = order;
  const reason = `${WHY}, and the venue has it after all: its cancel is asked for; ${howToResolve(orderId)}`;
  const back = saying(account, order, reason);
  if (!state.returned.has(orderId)) backAtMs.set(orderId, ports.clock.monotonicMs());
  state.returned.set(orderId, back);
  taking.step.tell(back, originOfEvent(account, back, event.sequence));
  unwant(account, taking, back, WHY);
  ticker.arm();
  return back;
}

/** Wants everything gone that came back, unless the venue has taken that. */
export function wantReturnedGone({ state, cancelsTaken }: Account): void {
  for (const orderId of state.returned.keys()) {
    if (!cancelsTaken.has(orderId)) state.cancels.set(orderId, WHY);
  }
}

/** Lets go of what came back once it has ended at the venue. */
export function letGo(account: Account, step: Step, { kind, orderId }: VenueEvent): void {
  const order = account.state.returned.get(orderId);
  if (order === undefined) return;
  if (!ENDS.includes(kind) && executedQuantity(order) < order.quantity) return;
  release(account, step, order, 'it came nevertheless, and has ended at the venue');
}

/** Awaits no end of what came back any more. @param how it ended. */
export function release(account: Account, step: Step, order: Order, how: string): void {
  const { state, backAtMs } = account;
  const { orderId } = order;
  state.returned.delete(orderId);
  state.cancels.delete(orderId);
  backAtMs.delete(orderId);
  update(account, step, saying(account, order, `${WHY}; ${how}`));
}

/**
 * Asks the venue about everything that came back, and lets go of what it shows as ended with no more filled than is known here: the
 * word of its end was lost. What it has filled beyond that is still to be told.
 */
export async function askAboutReturned(account: Account, step: Step): Promise<void> {
  const { state, ports, ticker } = account;
  const orders = [...state.returned.values()];
  const answers = await findOrders(account, orders);
  for (const [index, order] of orders.entries()) {
    const answer = answers[index];
    if (answer?.kind !== 'found' || answer.order.state === 'working') continue;
    if (answer.order.filledQuantity !== order.filledQuantity) continue;
    release(account, step, order, 'it came nevertheless, and the venue shows that it has ended');
  }
  if (state.returned.size > 0 && ports.venue.capabilities.findsByClientOrderId) ticker.arm();
}

/**
 * Returns what came back and whose end is waited for before anything is closed. After a while what is certain is closed: all but
 * what it may still close itself.
 */
export function awaitedReturned(account: Account): readonly Order[] {
  const { state, backAtMs, beganAtMs, ports } = account;
  const nowMs = ports.clock.monotonicMs();
  return [...state.returned.values()].filter(
    ({ orderId }) => nowMs - (backAtMs.get(orderId) ?? beganAtMs) < LIMITS.returnedWaitMs,
  );
}

/** Says to a person which orders are out of which nobody knows the end, and what to do; empty where there are none. */
export function outText({ state }: Account): string {
  const orders = [...state.unresolved(), ...state.returned.values()];
  const [first] = orders;
  if (first === undefined) return '';
  const named = orders.map(({ orderId, symbol }) => `${orderId} in ${symbol}`).join(', ');
  return `what may still be filled of ${named} is left to it: ${howToResolve(first.orderId)}`;
}

/** Gives an order that stays as it is another reason. */
const saying = ({ state }: Account, order: Order, reason: string): Order => ({
  ...order,
  reason,
  version: order.version + 1,
  updatedAtUs: state.clockUs,
});
