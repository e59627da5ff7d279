import { type Bar, mulDivRound, type PriceNanos, priceNanos } from '@capstan/domain';
import { RATE_SCALE } from './limits.ts';
import type { WorkingOrder } from './working-order.ts';

/** Basis points to 1e-8. */
const RATE_PER_BPS = RATE_SCALE / 10_000;

/**
 * Returns where a trailing stop triggers, as its side sees it (a sell's prices negated): its trail behind the best price of
 * the bars before, rounded to the tick away from the market. In its first bar without an activation price that best price is
 * the bar's open.
 */
export function trailLevel(
  { terms, bestPriceNanos }: Pick<WorkingOrder, 'terms' | 'bestPriceNanos'>,
  openNanos: PriceNanos,
  tickNanos: PriceNanos,
): number {
  const best = bestPriceNanos ?? openNanos;
  const { trailNanos, trailBps = 0 } = terms;
  const trail = trailNanos ?? mulDivRound(best, Math.round(trailBps * RATE_PER_BPS), RATE_SCALE);
  const level = (terms.side === 'buy' ? best : -best) + trail;
  const beyond = level % tickNanos;
  return beyond > 0 ? level - beyond + tickNanos : level - beyond;
}

/**
 * Returns the best price after a bar.
 * @param whole false where only the bar's close surely came after the order began.
 */
export function bestAfter(order: WorkingOrder, bar: Bar, whole: boolean): PriceNanos {
  const buys = order.terms.side === 'buy';
  const seen = whole ? (buys ? bar.lowNanos : bar.highNanos) : bar.closeNanos;
  const best = order.bestPriceNanos ?? seen;
  return priceNanos(buys ? Math.min(best, seen) : Math.max(best, seen));
}
