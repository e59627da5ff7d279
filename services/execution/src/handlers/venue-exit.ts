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
 * Writes the order that the venue made to protect an entry of ours; `undefined` where the event tells of none. Its id is the one
 * that its entry's intent and its leg give it: what has another is not ours.
 */
export async function takeVenueExit(
  account: Account,
  step: Step,
  event: VenueEvent,
): Promise<Order | undefined> {
  if (event.kind !== 'accepted' || event.exit === undefined) return undefined;
  const { parentOrderId, terms } = event.exit;
  const { state, ports } = account;
  const entry = state.order(parentOrderId) ?? (await ports.store.order(parentOrderId));
  if (entry === undefined || !protects(terms, entry) || terms.orderId !== event.orderId) return;
  const order = newOrder(terms, event.eventAtUs);
  step.insert(order);
  return order;
}

function protects(exit: OrderTerms, entry: Order): boolean {
  const { intentId, leg, attempt } = exit;
  return (
    isExit(exit) &&
    exit.reducing &&
    exit.side !== entry.side &&
    exit.accountId === entry.accountId &&
    exit.runId === entry.runId &&
    exit.botId === entry.botId &&
    exit.symbol === entry.symbol &&
    intentId === entry.intentId &&
    attempt === entry.attempt &&
    exit.orderId === orderId({ intentId, leg, attempt })
  );
}
