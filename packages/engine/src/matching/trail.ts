import { type Bar, mulDivRound, type PriceNanos, priceNanos } from '@capstan/domain';
import { RATE_SCALE } from './limits.ts';
import { type SideView, viewOf } from './side-view.ts';
import type { WorkingOrder } from './working-order.ts';

/** Basis points to 1e-8. */
const RATE_PER_BPS = RATE_SCALE / 10_000;

/**
 * Returns where a trailing stop triggers, as its side sees it: its trail behind the best price of the bars before, rounded to
 * the tick away from the market. In its first bar without an activation price that best price is the bar's open.
 */
export function trailLevel(
  { terms, bestPriceNanos }: Pick<WorkingOrder, 'terms' | 'bestPriceNanos'>,
  view: SideView,
  tickNanos: PriceNanos,
): number {
  const best = bestPriceNanos ?? view.sign * view.open;
  const { trailNanos, trailBps = 0 } = terms;
  const trail = trailNanos ?? mulDivRound(best, Math.round(trailBps * RATE_PER_BPS), RATE_SCALE);
  const level = view.sign * best + trail;
  const beyond = level % tickNanos;
  return beyond > 0 ? level - beyond + tickNanos : level - beyond;
}

/**
 * Returns the best price after a bar.
 * @param whole false where only the bar's close surely came after the order began.
 */
export function bestAfter(order: WorkingOrder, bar: Bar, whole: boolean): PriceNanos {
  const view = viewOf(bar, order.terms.side);
  const seen = whole ? view.low : view.close;
  const best = order.bestPriceNanos;
  return priceNanos(view.sign * (best === undefined ? seen : Math.min(seen, view.sign * best)));
}
