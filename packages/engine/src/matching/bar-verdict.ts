import { assert, type Bar, type OrderTerms, type PriceNanos, priceNanos } from '@capstan/domain';
import type { MatcherRules } from './matcher-config.ts';
import type { WorkingOrder } from './working-order.ts';

/** What one bar does to one order, if there is volume for it. */
export interface BarVerdict {
  /** True once the stop price has traded, in this bar or before; always true for orders without one. */
  readonly triggered: boolean;
  /** Absent where the bar does not fill the order. */
  readonly fill?: BarFill;
}

export interface BarFill {
  readonly priceNanos: PriceNanos;
  /** True where it happens at the bar's first trade. */
  readonly atOpen: boolean;
}

/**
 * A bar as a buyer sees it. A seller's bar is the same with every price negated, so that one set of rules, written for
 * buying, serves both: lower is better.
 */
interface SideView {
  readonly sign: 1 | -1;
  readonly open: number;
  readonly low: number;
  readonly high: number;
  readonly close: number;
}

/** Decides at what price a bar fills an order; the rules are those of the table in this package's README. */
export function barVerdict(
  { terms, triggered: wasTriggered }: Pick<WorkingOrder, 'terms' | 'triggered'>,
  bar: Bar,
  tickNanos: PriceNanos,
  rules: MatcherRules,
): BarVerdict {
  const view = viewOf(bar, terms.side);
  const take = (price: number, atOpen: boolean): BarFill => {
    const slip = rules.slippageNanos(view.sign * price, tickNanos);
    return fillAt(view, Math.min(price + slip, view.high), atOpen);
  };
  if (terms.type === 'market') return { triggered: true, fill: take(view.open, true) };

  const slackNanos = rules.limitFill === 'touch' ? 0 : tickNanos;
  if (terms.type === 'limit') return limitVerdict(view, limitOf(terms, view, slackNanos));

  const stop = view.sign * given(terms.stopPriceNanos);
  const atOpen = wasTriggered || view.open >= stop;
  if (!atOpen && view.high < stop) return { triggered: false };
  if (terms.type === 'stop') {
    return { triggered: true, fill: atOpen ? take(view.open, true) : take(stop, false) };
  }
  const limit = limitOf(terms, view, slackNanos);
  return atOpen ? limitVerdict(view, limit) : limitAfterTrigger(view, limit);
}

interface Limit {
  readonly price: number;
  /** What has to trade for a fill: the price itself, or one tick beyond it. */
  readonly threshold: number;
}

function limitOf(terms: OrderTerms, view: SideView, slackNanos: number): Limit {
  const price = view.sign * given(terms.limitPriceNanos);
  return { price, threshold: price - slackNanos };
}

function limitVerdict(view: SideView, limit: Limit): BarVerdict {
  if (view.open <= limit.threshold) {
    return { triggered: true, fill: fillAt(view, view.open, true) };
  }
  if (view.low > limit.threshold) return { triggered: true };
  return { triggered: true, fill: fillAt(view, Math.min(limit.price, view.high), false) };
}

/**
 * The stop traded inside the bar, and what traded before or after it is not known: only the close surely came after. So
 * the bar fills the limit only if it closed within it, and then at the worst price that the limit and the bar allow.
 */
function limitAfterTrigger(view: SideView, limit: Limit): BarVerdict {
  if (view.close > limit.threshold) return { triggered: true };
  return { triggered: true, fill: fillAt(view, Math.min(limit.price, view.high), false) };
}

function viewOf(bar: Bar, side: OrderTerms['side']): SideView {
  const { openNanos: open, lowNanos: low, highNanos: high, closeNanos: close } = bar;
  if (side === 'buy') return { sign: 1, open, low, high, close };
  return { sign: -1, open: -open, low: -high, high: -low, close: -close };
}

function fillAt(view: SideView, price: number, atOpen: boolean): BarFill {
  assert(price >= view.low && price <= view.high, 'a fill lies inside its bar');
  return { priceNanos: priceNanos(view.sign * price), atOpen };
}

function given(price: PriceNanos | undefined): PriceNanos {
  assert(price !== undefined, 'an accepted order has the prices of its type');
  return price;
}
