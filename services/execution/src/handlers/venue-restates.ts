import {
  executedQuantity,
  isExit,
  isTerminal,
  type Order,
  type OrderRevision,
  type VenueEvent,
} from '@capstan/domain';
import type { Account } from '../effects.ts';
import { heldOnSide, type Protected, quantityAtVenue, siblingsOf } from '../exits-at-venue.ts';
import { type Taking, unwant } from './take-event.ts';

/** How far a price on a tick may be off the one that a quantity asks for. */
const APART_MAX = 0.01;

/**
 * Judges a change of an exit's quantity that nobody here asked for. Where its prices have changed as a split changes them, the venue knows of one
 * that the books have not: it stays, and the symbol's prices are not gone by until it is booked. Where they have not, it would close at a price that was meant for other
 * shares, and is wanted gone at once. What its other half has filled takes a quantity without a word on prices.
 */
export function judgeRestated(
  account: Account,
  taking: Taking,
  exit: Order,
  event: Extract<VenueEvent, { kind: 'replaced' }>,
): void {
  if (
    !isExit(exit) ||
    isTerminal(exit.state) ||
    exit.state === 'replacing' ||
    event.quantity === exit.quantity
  )
    return;
  const { state } = account;
  if ([exit, ...siblingsOf(state, exit)].some((one) => executedQuantity(one) > 0)) return;
  if (!isLikeSplit(exit, event)) {
    const why = 'the venue changed how much it closes, and not its prices';
    unwant(account, taking, exit, why);
    return;
  }
  const of: Protected = { ...exit, side: exit.side === 'buy' ? 'sell' : 'buy' };
  const hasFitted = quantityAtVenue(state, of) === heldOnSide(state, of);
  if (hasFitted || state.hasRestated(exit.symbol)) state.restated.add(exit.orderId);
}

/** What it closes is worth as much as before. */
function isLikeSplit(before: OrderRevision, after: OrderRevision): boolean {
  return (['limitPriceNanos', 'stopPriceNanos'] as const).every((key) => {
    const [old, now] = [before[key], after[key]];
    if (old === undefined || now === undefined) return old === now;
    return Math.abs((now / old) * (after.quantity / before.quantity) - 1) <= APART_MAX;
  });
}
