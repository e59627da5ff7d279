import type { TimeUs } from '@capstan/domain';
import { END_REASONS, type EndReason, type MatcherEvent } from './matcher-event.ts';
import type { MatcherState } from './matcher-state.ts';
import type { Bracket, WorkingOrder } from './working-order.ts';

/** How an order ends without being filled whole. */
export interface OrderEnd {
  readonly kind: 'expired' | 'cancelled';
  readonly atUs: TimeUs;
  readonly reason: EndReason;
}

/** Ends an order, and the exits that have nothing to wait for any more. */
export function endOrder(
  state: MatcherState,
  order: WorkingOrder,
  { kind, atUs, reason }: OrderEnd,
  events: MatcherEvent[],
): void {
  const { orderId } = order.terms;
  state.book.remove(order);
  events.push({ kind, orderId, eventAtUs: atUs, reason });
  const bracket = state.brackets.get(order.parentOrderId ?? orderId);
  if (bracket === undefined) return;
  if (order.parentOrderId === undefined) {
    endIfSpent(
      state,
      bracket,
      { kind: 'cancelled', atUs, reason: END_REASONS.nothingLeft },
      events,
    );
    return;
  }
  const exitIds = bracket.exitIds.filter((id) => id !== orderId);
  if (exitIds.length === 0) state.brackets.remove(bracket);
  else state.brackets.put({ ...bracket, exitIds });
}

/** Ends all exits of a bracket. */
export function endBracket(
  state: MatcherState,
  bracket: Bracket,
  end: OrderEnd,
  events: MatcherEvent[],
): void {
  state.brackets.remove(bracket);
  for (const orderId of bracket.exitIds) {
    const exit = state.book.get(orderId);
    if (exit !== undefined) endOrder(state, exit, end, events);
  }
}

/** Ends a bracket that protects nothing and whose entry does not work any more. */
export function endIfSpent(
  state: MatcherState,
  bracket: Bracket,
  end: OrderEnd,
  events: MatcherEvent[],
): void {
  if (bracket.quantity > 0 || state.book.get(bracket.parentOrderId) !== undefined) return;
  endBracket(state, bracket, end, events);
}
