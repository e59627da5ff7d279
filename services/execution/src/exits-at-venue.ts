import {
  EXIT_LEGS,
  executedQuantity,
  isExit,
  isTerminal,
  type Order,
  type OrderSide,
  orderId,
} from '@capstan/domain';
import type { VenueCapabilities } from '@capstan/ports';
import { type AccountState, isUnresolved, type Scope } from './state.ts';

/** What a bot holds on one side of a symbol. */
export interface Protected extends Scope {
  /** Of what is held: `buy` is long. */
  readonly side: OrderSide;
}

/** Tells whether exits that a venue keeps may stand for less than is held, so that a guard stays with each of its entries. */
export function needsGuards({ exitsBegin, exitsHold, exitsLater }: VenueCapabilities): boolean {
  return exitsBegin === 'wholeFill' || exitsHold || exitsLater;
}

/** Returns how much a bot holds on a side; negative on the other. */
export function heldOnSide(state: AccountState, { botId, symbol, side }: Protected): number {
  const held = state.holdings().find((one) => one.botId === botId && one.symbol === symbol);
  return (held?.quantity ?? 0) * (side === 'buy' ? 1 : -1);
}

/** Returns the exits that have not ended and protect what a bot holds on a side, also those of which the venue has not said that it has them. */
export function openExits(state: AccountState, of: Protected): readonly Order[] {
  return state.working().filter((order) => isExit(order) && protects(order, of));
}

/** Returns how much of it the exits that stand at the venue protect: those of one group share what they protect. */
export function quantityAtVenue(state: AccountState, of: Protected): number {
  const groups = new Map<string, number>();
  for (const order of openExits(state, of)) {
    if (isUnresolved(order)) continue;
    const { intentId, attempt } = order;
    const group = `${intentId}/${attempt}`;
    const open = openInGroup(state, order);
    groups.set(group, Math.min(groups.get(group) ?? open, open));
  }
  return [...groups.values()].reduce((sum, open) => sum + open, 0);
}

/** The other exits of a group. */
export function siblingsOf(state: AccountState, exit: Order): readonly Order[] {
  const { intentId, attempt } = exit;
  return Object.values(EXIT_LEGS).flatMap((leg) => {
    if (leg === exit.leg) return [];
    return state.order(orderId({ intentId, leg, attempt })) ?? [];
  });
}

const protects = (order: Order, { botId, symbol, side }: Protected): boolean =>
  order.botId === botId && order.symbol === symbol && order.side !== side;

const STANDING: readonly Order['state'][] = ['accepted', 'partiallyFilled', 'replacing'];

/** What has a cancel under way protects nothing any more, nor does what is left of a group of which another has ended. */
function openInGroup(state: AccountState, exit: Order): number {
  const isOver = siblingsOf(state, exit).some((one) => isTerminal(one.state));
  return isOver || !STANDING.includes(exit.state) ? 0 : exit.quantity - executedQuantity(exit);
}
