import { assert, type Bar, type OrderTerms, type PriceNanos, priceNanos } from '@capstan/domain';
import type { MatcherRules } from './matcher-config.ts';

/**
 * A bar as a buyer sees it. A seller's bar is the same with every price negated, so that one set of rules, written for
 * buying, serves both: lower is better.
 */
export interface SideView {
  readonly sign: 1 | -1;
  readonly open: number;
  readonly low: number;
  readonly high: number;
  readonly close: number;
}

/** Returns the bar as `side` sees it. */
export function viewOf(bar: Bar, side: OrderTerms['side']): SideView {
  const { openNanos: open, lowNanos: low, highNanos: high, closeNanos: close } = bar;
  if (side === 'buy') return { sign: 1, open, low, high, close };
  return { sign: -1, open: -open, low: -high, high: -low, close: -close };
}

/** Turns a price of the view back; it lies inside the bar. */
export function priceIn(view: SideView, price: number): PriceNanos {
  assert(price >= view.low && price <= view.high, 'a fill lies inside its bar');
  return priceNanos(view.sign * price);
}

/** Returns what a taker gets who takes at `price`: worse by the slippage, inside the bar. */
export function takenAt(
  view: SideView,
  price: number,
  tickNanos: PriceNanos,
  rules: MatcherRules,
): PriceNanos {
  const slip = rules.slippageNanos(view.sign * price, tickNanos);
  return priceIn(view, Math.min(price + slip, view.high));
}

/** A price that an accepted order of its type has. */
export function given(price: PriceNanos | undefined): PriceNanos {
  assert(price !== undefined, 'an accepted order has the prices of its type');
  return price;
}
