import {
  isExit,
  newOrder,
  type Order,
  type OrderTerms,
  orderId,
  type VenueEvent,
} from '@capstan/domain';
import type { Account } from '../effects.ts';
import type { Step } from '../step.ts';

/**
 * Writes the order that the venue made to protect an entry of ours, or as the other half of a pair that protects what is held;
 * `undefined` where the event tells of none. Its id is the one that the intent and its leg give it: what has another is not ours.
 */
export async function takeVenueExit(
  account: Account,
  step: Step,
  event: VenueEvent,
): Promise<Order | undefined> {
  if (event.kind !== 'accepted' || event.exit === undefined) return undefined;
  const { parentOrderId, terms } = event.exit;
  const { state, ports } = account;
  const parent = state.order(parentOrderId) ?? (await ports.store.order(parentOrderId));
  if (parent === undefined || !belongsTo(terms, parent) || terms.orderId !== event.orderId) return;
  const order = newOrder(terms, event.eventAtUs);
  step.insert(order);
  // What its entry brought has begun: nothing waits for that any more.
  state.guards = state.guards.map((guard) =>
    guard.entryOrderId === parentOrderId && guard.later?.isAwaited === true
      ? { ...guard, later: { ...guard.later, isAwaited: false } }
      : guard,
  );
  return order;
}

/** The exit of an entry is on its other side; of a pair both close. */
function belongsTo(exit: OrderTerms, parent: Order): boolean {
  const { intentId, leg, attempt } = exit;
  return (
    isExit(exit) &&
    exit.reducing &&
    (exit.side === parent.side) === isExit(parent) &&
    exit.accountId === parent.accountId &&
    exit.runId === parent.runId &&
    exit.botId === parent.botId &&
    exit.symbol === parent.symbol &&
    intentId === parent.intentId &&
    attempt === parent.attempt &&
    exit.orderId === orderId({ intentId, leg, attempt })
  );
}
