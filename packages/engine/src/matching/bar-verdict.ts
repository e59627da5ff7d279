import type { Bar, OrderTerms, PriceNanos } from '@capstan/domain';
import type { MatcherRules } from './matcher-config.ts';
import { given, priceIn, type SideView, takenAt, viewOf } from './side-view.ts';
import { trailLevel } from './trail.ts';
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

/** Decides at what price a bar fills an order; the rules are those of the table in this package's README. */
export function barVerdict(
  order: Pick<WorkingOrder, 'terms' | 'triggered' | 'bestPriceNanos'>,
  bar: Bar,
  tickNanos: PriceNanos,
  rules: MatcherRules,
): BarVerdict {
  const { terms, triggered: wasTriggered } = order;
  const view = viewOf(bar, terms.side);
  const take = (price: number, atOpen: boolean): BarFill => ({
    priceNanos: takenAt(view, price, tickNanos, rules),
    atOpen,
  });
  if (terms.type === 'market') return { triggered: true, fill: take(view.open, true) };

  const slackNanos = rules.limitFill === 'touch' ? 0 : tickNanos;
  if (terms.type === 'limit') return limitVerdict(view, limitOf(terms, view, slackNanos));

  const stop = stopLevel(order, bar.openNanos, tickNanos);
  const atOpen = wasTriggered || view.open >= stop;
  if (!atOpen && view.high < stop) return { triggered: false };
  if (terms.type !== 'stopLimit') {
    return { triggered: true, fill: atOpen ? take(view.open, true) : take(stop, false) };
  }
  const limit = limitOf(terms, view, slackNanos);
  return atOpen ? limitVerdict(view, limit) : limitAfterTrigger(view, limit);
}

/** Returns where a stop of any kind triggers, as its side sees it: a sell's prices negated. */
export function stopLevel(
  order: Pick<WorkingOrder, 'terms' | 'bestPriceNanos'>,
  openNanos: PriceNanos,
  tickNanos: PriceNanos,
): number {
  const { type, side, stopPriceNanos } = order.terms;
  if (type === 'trailingStop') return trailLevel(order, openNanos, tickNanos);
  return side === 'buy' ? given(stopPriceNanos) : -given(stopPriceNanos);
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
    return { triggered: true, fill: { priceNanos: priceIn(view, view.open), atOpen: true } };
  }
  if (view.low > limit.threshold) return { triggered: true };
  return { triggered: true, fill: insideAt(view, limit) };
}

/**
 * The stop traded inside the bar, and what traded before or after it is not known: only the close surely came after. So
 * the bar fills the limit only if it closed within it, and then at the worst price that the limit and the bar allow.
 */
function limitAfterTrigger(view: SideView, limit: Limit): BarVerdict {
  if (view.close > limit.threshold) return { triggered: true };
  return { triggered: true, fill: insideAt(view, limit) };
}

function insideAt(view: SideView, limit: Limit): BarFill {
  return { priceNanos: priceIn(view, Math.min(limit.price, view.high)), atOpen: false };
}
