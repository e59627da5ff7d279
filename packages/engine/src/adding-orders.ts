import type { OrderSide } from '@capstan/domain';
import type { Reservation } from './account-reservations.ts';

/** What a bot holds and has out in a symbol. */
export interface OwnOrders {
  readonly out: readonly Reservation[];
  /** Confirmed by fills; signed. */
  readonly positionQuantity: number;
}

/**
 * Returns the orders of a side that may add: those that were sent to, and those that were to reduce where together they are for more than
 * is held against them by now. Another order of their side has filled first then, or an exit.
 */
export function addingOrders(
  { out, positionQuantity }: OwnOrders,
  side: OrderSide,
): readonly Reservation[] {
  const ofSide = out.filter((one) => one.side === side);
  const held = side === 'buy' ? -positionQuantity : positionQuantity;
  const closing = ofSide.reduce((sum, one) => sum + (one.reducing ? one.openQuantity : 0), 0);
  return closing <= Math.max(0, held) ? ofSide.filter((one) => !one.reducing) : ofSide;
}
