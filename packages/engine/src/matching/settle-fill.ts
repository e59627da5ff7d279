import {
  cashMicros,
  notionalMicros,
  type PriceNanos,
  quantity,
  type TimeUs,
} from '@capstan/domain';
import { sameOwner } from './bracket-book.ts';
import { endBracket, endIfSpent, endOrder } from './end-order.ts';
import { exitTerms } from './exit-terms.ts';
import { END_REASONS } from './matcher-event.ts';
import type { Encounter, MatcherState } from './matcher-state.ts';
import type { Bracket, WorkingOrder } from './working-order.ts';

/** When in its bar an order fills. */
export type FillMoment = 'open' | 'inside' | 'close';

interface Trade {
  readonly priceNanos: PriceNanos;
  /** Positive, at most what is open of the order. */
  readonly amount: number;
  readonly moment: FillMoment;
}

/**
 * Fills an order as far as the bar's volume allows, and lets everything follow from it: what it opens gets its exits, what it
 * closes is taken from those that protected it, and an exit ends the other orders of its bot.
 * @returns the quantity filled: 0 where no volume is left.
 */
export function fillOrder(
  state: MatcherState,
  order: WorkingOrder,
  at: Encounter,
  wanted: {
    readonly priceNanos: PriceNanos;
    readonly amountMax: number;
    readonly moment: FillMoment;
  },
): number {
  const { priceNanos, amountMax, moment } = wanted;
  const amount = at.left === undefined ? amountMax : Math.min(amountMax, at.left);
  if (amount === 0) return 0;
  if (at.left !== undefined) at.left -= amount;
  const trade: Trade = { priceNanos, amount, moment };
  const after = record(state, order, at, trade);
  if (after.filledQuantity === after.terms.quantity) state.book.remove(after);
  else state.book.put(after);

  const { terms } = after;
  const sign = terms.side === 'buy' ? 1 : -1;
  const before = state.brackets.held(terms);
  state.brackets.hold(terms, before + sign * amount);
  const opened = before * sign >= 0 ? amount : Math.max(0, amount - Math.abs(before));
  const atUs = timeOf(at, moment);
  if (after.parentOrderId !== undefined) takeFromBracket(state, after, at, trade);
  if (opened < amount) shrinkToPosition(state, after, at, atUs);
  if (opened > 0 && terms.exits !== undefined) protect(state, after, at, { ...trade, opened });
  if (after.parentOrderId !== undefined) endOthers(state, after, at, atUs);
  return amount;
}

const timeOf = ({ bar }: Encounter, moment: FillMoment): TimeUs =>
  moment === 'open' ? bar.startUs : bar.endUs;

/** Counts a fill in its order and tells it. */
function record(
  state: MatcherState,
  order: WorkingOrder,
  at: Encounter,
  { priceNanos, amount, moment }: Trade,
): WorkingOrder {
  const { instrument } = at;
  const filled = quantity(amount);
  const filledQuantity = quantity(order.filledQuantity + amount);
  const notional = notionalMicros(instrument, priceNanos, filled);
  const filledNotionalMicros = cashMicros(order.filledNotionalMicros + notional);
  const feeMicros = state.rules.commissionMicros({
    quantity: filledQuantity,
    quantityScale: instrument.quantityScale,
    notionalMicros: filledNotionalMicros,
  });
  at.events.push({
    kind: 'filled',
    orderId: order.terms.orderId,
    quantity: filled,
    priceNanos,
    feeMicros: cashMicros(feeMicros - order.feeMicros),
    eventAtUs: timeOf(at, moment),
  });
  return { ...order, filledQuantity, filledNotionalMicros, feeMicros };
}

/** Takes what an exit filled from what its bracket protects; where that was all, the other exits end. */
function takeFromBracket(
  state: MatcherState,
  exit: WorkingOrder,
  at: Encounter,
  { amount, moment }: Trade,
): void {
  const bracket = state.brackets.get(exit.parentOrderId ?? '');
  if (bracket === undefined) return;
  const left = { ...bracket, quantity: quantity(bracket.quantity - amount) };
  state.brackets.put(left);
  if (left.quantity > 0) return;
  const atUs = timeOf(at, moment);
  const own = state.book.get(exit.terms.orderId);
  const spent = { kind: 'cancelled', atUs, reason: END_REASONS.nothingLeft } as const;
  if (own !== undefined) endOrder(state, own, spent, at.events);
  const others = state.brackets.get(left.parentOrderId);
  const reason = END_REASONS.otherExit;
  if (others !== undefined) endBracket(state, others, { ...spent, reason }, at.events);
}

/** Lets brackets protect no more than there is: what the oldest entries opened is closed first. */
function shrinkToPosition(
  state: MatcherState,
  { terms }: WorkingOrder,
  at: Encounter,
  atUs: TimeUs,
): void {
  const mine = state.brackets
    .ofSymbol(terms.symbol)
    .filter((bracket) => bracket.side === terms.side && sameOwner(bracket, terms));
  if (mine.length === 0) return;
  const held = state.brackets.held(terms);
  const left = terms.side === 'sell' ? Math.max(0, held) : Math.max(0, -held);
  let excess = mine.reduce((sum, bracket) => sum + bracket.quantity, -left);
  const end = { kind: 'cancelled', atUs, reason: END_REASONS.nothingLeft } as const;
  for (const bracket of mine) {
    if (excess <= 0) return;
    const taken = Math.min(excess, bracket.quantity);
    excess -= taken;
    const shrunk = { ...bracket, quantity: quantity(bracket.quantity - taken) };
    state.brackets.put(shrunk);
    endIfSpent(state, shrunk, end, at.events);
  }
}

/** Lets an entry's exits protect what it opened; at the first time they are made. */
function protect(
  state: MatcherState,
  entry: WorkingOrder,
  at: Encounter,
  { priceNanos, moment, opened }: Trade & { readonly opened: number },
): void {
  const { terms } = entry;
  const { orderId: parentOrderId, accountId, botId, symbol, decidedAtUs } = terms;
  const bracket = state.brackets.get(parentOrderId);
  if (bracket === undefined && entry.hasExits === true) return;
  if (moment === 'inside') {
    const earlier = at.inside?.get(parentOrderId);
    at.inside ??= new Map();
    const isNew = bracket === undefined || bracket.quantity === 0;
    const bornAtNanos = isNew ? priceNanos : earlier?.bornAtNanos;
    at.inside.set(parentOrderId, { quantity: (earlier?.quantity ?? 0) + opened, bornAtNanos });
  }
  if (bracket !== undefined) {
    if (bracket.quantity === 0) beginAgain(state, bracket, priceNanos);
    state.brackets.put({ ...bracket, quantity: quantity(bracket.quantity + opened) });
    return;
  }
  const rest = terms.quantity - entry.filledQuantity;
  if (rest > 0) state.book.put({ ...entry, hasExits: true });
  const basis = { entry: terms, quantity: quantity(opened + rest), entryPriceNanos: priceNanos };
  const exits = exitTerms(basis, state.ids);
  const exitIds = exits.map((exit) => exit.orderId);
  const side = terms.side === 'buy' ? 'sell' : 'buy';
  const owner = { accountId, botId, symbol };
  const made = { parentOrderId, ...owner, side, decidedAtUs, exitIds } as const;
  state.brackets.put({ ...made, quantity: quantity(opened) });
  for (const exit of exits) {
    const { orderId } = exit;
    const eventAtUs = timeOf(at, moment);
    state.book.put({
      terms: exit,
      filledQuantity: quantity(0),
      filledNotionalMicros: cashMicros(0),
      feeMicros: cashMicros(0),
      triggered: exit.type === 'limit',
      ...(exit.type === 'trailingStop' ? { bestPriceNanos: priceNanos } : {}),
      parentOrderId,
    });
    at.events.push({ kind: 'accepted', orderId, eventAtUs, parentOrderId, terms: exit });
  }
}

/** Lets exits that protected nothing begin as at an entry. */
function beginAgain(state: MatcherState, { exitIds }: Bracket, priceNanos: PriceNanos): void {
  for (const exitId of exitIds) {
    const exit = state.book.get(exitId);
    if (exit === undefined || exit.terms.type === 'limit') continue;
    const trails = exit.terms.type === 'trailingStop';
    const start = trails ? { bestPriceNanos: priceNanos } : {};
    state.book.put({ ...exit, triggered: false, ...start });
  }
}

/** Ends all other orders of a bot whose exit filled: they were sized against a position that is no more. */
function endOthers(
  state: MatcherState,
  { terms }: WorkingOrder,
  at: Encounter,
  atUs: TimeUs,
): void {
  const end = { kind: 'cancelled', atUs, reason: END_REASONS.protected } as const;
  for (const other of state.book.ofSymbol(terms.symbol)) {
    if (other.parentOrderId !== undefined || !sameOwner(other.terms, terms)) continue;
    if (state.book.get(other.terms.orderId) === other) endOrder(state, other, end, at.events);
  }
}
