import { defineValueIndicator, PERIOD } from './indicator.ts';
import { fillSmoothed, SmoothedMean, type Smoothing } from './smoothed-mean.ts';

/** How an exponential average of a length moves: weight 2 ÷ (period + 1). */
export function exponential(period: number): Smoothing {
  return { period, weight: 2 / (period + 1) };
}

/**
 * The exponential moving average, y ← y + 2 ÷ (n + 1) · (x − y), started at the mean of the first n inputs.
 * @source J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9.
 */
export const ema = defineValueIndicator({
  name: 'ema',
  title: 'Exponential moving average',
  description: 'Weight 2 ÷ (period + 1), started at the mean of the first `period` inputs.',
  parameters: { period: PERIOD },
  create: ({ period }) => new SmoothedMean(exponential(period)),
  fill: ({ period }, input, output) => fillSmoothed(input, output, exponential(period)),
});
