import type { Bar } from '@capstan/domain';
import { auctionPrice } from './auction.ts';
import { type BarFill, barVerdict, stopLevel } from './bar-verdict.ts';
import { sameOwner } from './bracket-book.ts';
import { endOrder } from './end-order.ts';
import { exitsMeet, fillBadExits, fillExitsAtOpen, fillGoodExits } from './match-exits.ts';
import { END_REASONS } from './matcher-event.ts';
import type { Encounter, MatcherState } from './matcher-state.ts';
import { fillOrder } from './settle-fill.ts';
import { bestAfter } from './trail.ts';
import type { WorkingOrder } from './working-order.ts';

/** An order that fills inside the bar, if nothing comes before it. */
interface Candidate {
  readonly order: WorkingOrder;
  readonly fill: BarFill;
}

/**
 * Matches a symbol's orders against a bar. First what happens at the open: orders, then exits. Then inside the bar: entries
 * and orders that add, exits at a bad price, orders that close what exits protect, exits at a good price; so that where the
 * order of two prices is not known, the worse comes first. Last what happens at the close.
 */
export function matchBar(state: MatcherState, at: Encounter): void {
  const { symbol } = at.bar;
  const met = state.book.ofSymbol(symbol);
  const inside = matchAtOpen(state, at, met);
  if (inside.length > 0 || exitsMeet(state, at)) matchInside(state, at, inside);
  endBar(state, at, met);
}

function matchInside(state: MatcherState, at: Encounter, inside: readonly Candidate[]): void {
  const { symbol } = at.bar;
  if (state.brackets.ofSymbol(symbol).length > 0) fillExitsAtOpen(state, at);
  const late = fillInside(state, at, inside, (order) => !comesAfterExits(state, order, at));
  if (late.length === 0 && state.brackets.ofSymbol(symbol).length === 0) return;
  fillBadExits(state, at);
  if (late.length > 0) {
    fillInside(state, at, late, () => true);
    fillBadExits(state, at);
  }
  fillGoodExits(state, at);
}

const NO_CANDIDATES: readonly Candidate[] = [];

/** Fills what fills at the open; returns what may fill inside the bar, in matching order. */
function matchAtOpen(
  state: MatcherState,
  at: Encounter,
  met: readonly WorkingOrder[],
): readonly Candidate[] {
  const { bar, instrument } = at;
  let inside: Candidate[] | undefined;
  for (const order of met) {
    const { terms } = order;
    if (order.parentOrderId !== undefined || bar.startUs < terms.decidedAtUs) continue;
    if (terms.timeInForce === 'onClose') continue;
    if (terms.timeInForce === 'onOpen') {
      if (bar.startUs >= (order.sessionOpenUs ?? 0)) matchAuction(state, at, order, 'open');
      continue;
    }
    const { triggered, fill } = barVerdict(order, bar, instrument.tickNanos, state.rules);
    const now = triggered === order.triggered ? order : { ...order, triggered };
    if (fill === undefined || !fill.atOpen) {
      if (fill !== undefined) {
        inside ??= [];
        inside.push({ order, fill });
      } else if (now !== order) state.book.put(now);
    } else if (fillWhole(state, at, now, fill) === 0 && now !== order) state.book.put(now);
  }
  return inside ?? NO_CANDIDATES;
}

/** Fills the candidates that pass, as far as they still work; returns the others. */
function fillInside(
  state: MatcherState,
  at: Encounter,
  candidates: readonly Candidate[],
  passes: (order: WorkingOrder) => boolean,
): readonly Candidate[] {
  if (candidates.length === 0) return NO_CANDIDATES;
  const others: Candidate[] = [];
  for (const candidate of candidates) {
    const { order, fill } = candidate;
    if (state.book.get(order.terms.orderId) !== order) continue;
    if (!passes(order)) {
      others.push(candidate);
      continue;
    }
    const now = order.triggered ? order : { ...order, triggered: true };
    if (fillWhole(state, at, now, fill) === 0 && now !== order) state.book.put(now);
  }
  return others;
}

function fillWhole(
  state: MatcherState,
  at: Encounter,
  order: WorkingOrder,
  { priceNanos, atOpen }: BarFill,
): number {
  const amountMax = order.terms.quantity - order.filledQuantity;
  return fillOrder(state, order, at, {
    priceNanos,
    amountMax,
    moment: atOpen ? 'open' : 'inside',
  });
}

/**
 * Tells whether the exits of an order's bot come before it inside the bar: where it closes what they protect, as nobody knows
 * which price traded first; and where its limit lies beyond a stop, which the price had to pass.
 */
function comesAfterExits(state: MatcherState, { terms }: WorkingOrder, at: Encounter): boolean {
  for (const bracket of state.brackets.ofSymbol(terms.symbol)) {
    if (bracket.quantity === 0 || !sameOwner(bracket, terms)) continue;
    if (bracket.side === terms.side) return true;
    if (terms.type !== 'limit' && terms.type !== 'stopLimit') continue;
    const limit = (bracket.side === 'buy' ? 1 : -1) * (terms.limitPriceNanos ?? 0);
    for (const exitId of bracket.exitIds) {
      const exit = state.book.get(exitId);
      if (exit === undefined || exit.terms.type === 'limit') continue;
      if (stopLevel(exit, at.bar.openNanos, at.instrument.tickNanos) <= limit) return true;
    }
  }
  return false;
}

/** Moves trails on, ends what lived for this bar, and fills what waits for the close. */
function endBar(state: MatcherState, at: Encounter, met: readonly WorkingOrder[]): void {
  const { bar } = at;
  const working =
    state.brackets.ofSymbol(bar.symbol).length > 0 ? state.book.ofSymbol(bar.symbol) : met;
  let closes = false;
  for (const one of working) {
    const { orderId, type, timeInForce, decidedAtUs } = one.terms;
    if (bar.startUs < decidedAtUs) continue;
    if (type === 'trailingStop') ratchet(state, at, orderId);
    if (timeInForce === 'ioc') {
      const order = state.book.get(orderId);
      const reason = END_REASONS.immediateOrCancel;
      const end = { kind: 'cancelled', atUs: bar.endUs, reason } as const;
      if (order !== undefined) endOrder(state, order, end, at.events);
    }
    closes ||= timeInForce === 'onClose' && one.sessionCloseUs === bar.endUs;
  }
  if (!closes) return;
  for (const order of working) {
    if (order.terms.timeInForce !== 'onClose' || order.sessionCloseUs !== bar.endUs) continue;
    if (state.book.get(order.terms.orderId) === order && bar.startUs >= order.terms.decidedAtUs) {
      matchAuction(state, at, order, 'close');
    }
  }
}

function ratchet(state: MatcherState, at: Encounter, orderId: string): void {
  const order = state.book.get(orderId);
  if (order === undefined || order.triggered) return;
  const whole = at.inside?.get(order.parentOrderId ?? '')?.bornAtNanos === undefined;
  const bestPriceNanos = bestAfter(order, at.bar, whole);
  if (bestPriceNanos !== order.bestPriceNanos) state.book.put({ ...order, bestPriceNanos });
}

/** Fills an order at the open or the close alone, and ends what is left of it. */
function matchAuction(
  state: MatcherState,
  at: Encounter,
  order: WorkingOrder,
  time: 'open' | 'close',
): void {
  const { bar, instrument } = at;
  const { tickNanos } = instrument;
  const priceNanos = auctionPrice(order, { bar, time, tickNanos }, state.rules);
  const amountMax = order.terms.quantity - order.filledQuantity;
  if (priceNanos !== undefined)
    fillOrder(state, order, at, { priceNanos, amountMax, moment: time });
  const left = state.book.get(order.terms.orderId);
  if (left === undefined) return;
  const atUs = time === 'open' ? bar.startUs : bar.endUs;
  const reason = time === 'open' ? END_REASONS.notAtOpen : END_REASONS.notAtClose;
  endOrder(state, left, { kind: 'cancelled', atUs, reason }, at.events);
}

/** Fills a market order at the close of the bar at which it was decided; what is left goes on working. */
export function fillMarketAtClose(state: MatcherState, at: Encounter, order: WorkingOrder): void {
  const { tickNanos } = at.instrument;
  const { orderId, timeInForce } = order.terms;
  const bar: Bar = at.bar;
  const priceNanos = auctionPrice(order, { bar, time: 'close', tickNanos }, state.rules);
  const amountMax = order.terms.quantity - order.filledQuantity;
  if (priceNanos !== undefined) {
    fillOrder(state, order, at, { priceNanos, amountMax, moment: 'close' });
  }
  const left = state.book.get(orderId);
  if (left === undefined || timeInForce !== 'ioc') return;
  const reason = END_REASONS.immediateOrCancel;
  endOrder(state, left, { kind: 'cancelled', atUs: bar.endUs, reason }, at.events);
}
