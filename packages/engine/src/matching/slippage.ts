import { mulDivRound } from '@capstan/domain';
import { badConfig } from './errors.ts';
import { rateFromBps } from './exact-rate.ts';
import { RATE_SCALE, SLIPPAGE_TICKS_MAX } from './limits.ts';

/** How much worse than the bar's price a market or a triggered stop order trades; limits never slip. */
export type SlippageModel =
  | { readonly kind: 'none' }
  /** Of the price; basis points to four decimals. The result is not rounded to the tick. */
  | { readonly kind: 'bps'; readonly slippageBps: number }
  | { readonly kind: 'ticks'; readonly slippageTicks: number };

/**
 * Returns the function that tells the slippage at a price, in nanos, 0 or more.
 * @throws ENGINE.MATCHER_CONFIG when the rate or the number of ticks is out of bounds.
 */
export function slippageOf(
  model: SlippageModel,
): (priceNanos: number, tickNanos: number) => number {
  switch (model.kind) {
    case 'none':
      return () => 0;
    case 'bps': {
      const rate = rateFromBps('slippageBps', model.slippageBps);
      return (priceNanos) => mulDivRound(priceNanos, rate, RATE_SCALE);
    }
    case 'ticks': {
      const ticks = model.slippageTicks;
      if (!Number.isInteger(ticks) || ticks < 0 || ticks > SLIPPAGE_TICKS_MAX) {
        throw badConfig('slippageTicks', ticks, `a whole number, 0 to ${SLIPPAGE_TICKS_MAX}`);
      }
      return (_, tickNanos) => ticks * tickNanos;
    }
  }
}
