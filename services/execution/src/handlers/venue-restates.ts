import {
  executedQuantity,
  isExit,
  isTerminal,
  type Order,
  type OrderRevision,
  type VenueEvent,
} from '@capstan/domain';
import type { Account } from '../effects.ts';
import {
  heldOnSide,
  needsGuards,
  type Protected,
  quantityAtVenue,
  siblingsOf,
} from '../exits-at-venue.ts';
import { type Taking, unwant } from './take-event.ts';

/** How far a price on a tick may be off the one that a split asks for. */
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
  const { state, ports, settings } = account;
  if (!needsGuards(ports.venue.capabilities) || !isUnasked(exit, event)) return;
  if ([exit, ...siblingsOf(state, exit)].some((one) => executedQuantity(one) > 0)) return;
  const { instruments } = settings;
  const lot = instruments.has(exit.symbol) ? instruments.get(exit.symbol).lot : 1;
  if (!isLikeSplit(exit, event, lot)) {
    unwant(account, taking, exit, 'the venue changed how much it closes, and not its prices');
    return;
  }
  const of: Protected = { ...exit, side: exit.side === 'buy' ? 'sell' : 'buy' };
  const hasFitted = quantityAtVenue(state, of) === heldOnSide(state, of);
  if (hasFitted || state.hasRestated(exit.symbol)) state.restated.add(exit.orderId);
}

const isUnasked = (exit: Order, to: OrderRevision): boolean =>
  isExit(exit) &&
  !isTerminal(exit.state) &&
  exit.state !== 'replacing' &&
  to.quantity !== exit.quantity;

/** What it closes is worth as much as before, but for what is less than a lot. */
function isLikeSplit(before: OrderRevision, after: OrderRevision, lot: number): boolean {
  return (['limitPriceNanos', 'stopPriceNanos'] as const).every((key) => {
    const [old, now] = [before[key], after[key]];
    if (old === undefined || now === undefined) return old === now;
    const exact = before.quantity * (old / now);
    const left = exact - after.quantity;
    return left >= -exact * APART_MAX && left < Math.max(lot, exact * APART_MAX);
  });
}
