import { type Bar, priceNanos } from '@capstan/domain';
import { barVerdict, stopLevel } from './bar-verdict.ts';
import type { Encounter, MatcherState } from './matcher-state.ts';
import { fillOrder } from './settle-fill.ts';
import type { Bracket, WorkingOrder } from './working-order.ts';

/** Tells whether a bar touches any exit; most touch none, and need no closer look. */
export function exitsMeet(state: MatcherState, { bar, instrument }: Encounter): boolean {
  for (const { exitIds, quantity, side } of state.brackets.ofSymbol(bar.symbol)) {
    if (quantity === 0) continue;
    for (const exitId of exitIds) {
      const exit = state.book.get(exitId);
      if (exit === undefined) continue;
      if (exit.terms.type === 'limit') {
        const limit = exit.terms.limitPriceNanos ?? 0;
        if (side === 'buy' ? bar.lowNanos <= limit : bar.highNanos >= limit) return true;
        continue;
      }
      if (exit.triggered) return true;
      const level = stopLevel(exit, bar.openNanos, instrument.tickNanos);
      if ((side === 'buy' ? bar.highNanos : -bar.lowNanos) >= level) return true;
    }
  }
  return false;
}

/** Fills exits that the open has reached; also those of entries that filled at this open. */
export function fillExitsAtOpen(state: MatcherState, at: Encounter): void {
  for (const { parentOrderId } of state.brackets.ofSymbol(at.bar.symbol)) {
    for (const exit of exitsOf(state, at, parentOrderId)) meet(state, at, exit, 'open');
  }
}

/**
 * Fills the stops and trails that the bar reaches. After an entry inside the bar, the rest of it is a bar that opens at the
 * entry's price.
 */
export function fillBadExits(state: MatcherState, at: Encounter): void {
  for (const { parentOrderId } of state.brackets.ofSymbol(at.bar.symbol)) {
    for (const exit of exitsOf(state, at, parentOrderId)) {
      if (exit.terms.type !== 'limit') meet(state, at, exit, 'inside');
    }
  }
}

/** Fills the take-profits that the bar reaches, for what was open before its inside. */
export function fillGoodExits(state: MatcherState, at: Encounter): void {
  for (const { parentOrderId } of state.brackets.ofSymbol(at.bar.symbol)) {
    for (const exit of exitsOf(state, at, parentOrderId)) {
      if (exit.terms.type === 'limit') meet(state, at, exit, 'inside');
    }
  }
}

/** Returns the exits of a bracket that protect something, those first that the price reaches first on its bad way. */
function exitsOf(
  state: MatcherState,
  at: Encounter,
  parentOrderId: string,
): readonly WorkingOrder[] {
  const bracket = state.brackets.get(parentOrderId);
  if (bracket === undefined || bracket.quantity === 0) return [];
  const exits: WorkingOrder[] = [];
  for (const exitId of bracket.exitIds) {
    const exit = state.book.get(exitId);
    if (exit !== undefined) exits.push(exit);
  }
  if (exits.length < 2) return exits;
  const rest = restOf(at, bracket);
  const { tickNanos } = at.instrument;
  const reached = (exit: WorkingOrder): number =>
    exit.terms.type === 'limit' ? Infinity : stopLevel(exit, rest.openNanos, tickNanos);
  return exits.sort((a, b) => reached(a) - reached(b) || a.terms.leg - b.terms.leg);
}

function meet(
  state: MatcherState,
  at: Encounter,
  was: WorkingOrder,
  moment: 'open' | 'inside',
): void {
  const exit = state.book.get(was.terms.orderId);
  const bracket = state.brackets.get(was.parentOrderId ?? '');
  if (exit === undefined || bracket === undefined || at.bar.startUs < exit.terms.decidedAtUs)
    return;
  const rest = restOf(at, bracket);
  const { tickNanos } = at.instrument;
  const { triggered, fill } = barVerdict(exit, rest, tickNanos, state.rules);
  if (fill === undefined || (rest === at.bar && fill.atOpen !== (moment === 'open'))) return;
  const isGood = exit.terms.type === 'limit' && moment === 'inside';
  const early = isGood ? (at.inside?.get(bracket.parentOrderId)?.quantity ?? 0) : 0;
  const open = Math.min(exit.terms.quantity - exit.filledQuantity, bracket.quantity - early);
  const now = triggered === exit.triggered ? exit : { ...exit, triggered };
  const { priceNanos: price } = fill;
  const filled =
    open > 0 ? fillOrder(state, now, at, { priceNanos: price, amountMax: open, moment }) : 0;
  if (filled === 0 && now !== exit) state.book.put(now);
}

/** Returns the bar, or what is surely left of it where all that is protected was opened inside it. */
function restOf({ bar, inside }: Encounter, { parentOrderId }: Bracket): Bar {
  const born = inside?.get(parentOrderId)?.bornAtNanos;
  return born === undefined ? bar : { ...bar, openNanos: priceNanos(born) };
}
