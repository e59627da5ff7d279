import { composeKernel } from './compose-kernel.ts';
import { defineBarIndicator, type IndicatorParameter, PERIOD } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { WindowExtreme } from './window-extreme.ts';
import { WindowMean } from './window-mean.ts';

const SMOOTHING: IndicatorParameter = {
  ...PERIOD,
  description: 'How many raw values %K is the mean of: 1 fast, 3 slow.',
};
const SIGNAL: IndicatorParameter = { ...PERIOD, description: 'How many %K %D is the mean of.' };

/**
 * %K of the stochastic oscillator: where the close lies between the least low and the greatest high of the last n
 * bars, 100 · (close − low) ÷ (high − low), as the mean of the last `smoothing` of these. 50 stands for a bar whose
 * n bars have one price.
 * @source G. C. Lane, Lane's Stochastics, Technical Analysis of Stocks & Commodities (1984).
 */
export const stochasticK = defineBarIndicator({
  name: 'stochastic-k',
  title: 'Stochastic, %K',
  description: 'Place of the close in the range of the last `period` bars, smoothed, 0 to 100.',
  needsSession: false,
  parameters: { period: PERIOD, smoothing: SMOOTHING },
  create: kernelOfK,
});

/** %D of the stochastic oscillator: the mean of the last `signal` values of {@link stochasticK}. @source as there. */
export const stochasticD = defineBarIndicator({
  name: 'stochastic-d',
  title: 'Stochastic, %D',
  description: 'Mean of the last `signal` values of %K, 0 to 100.',
  needsSession: false,
  parameters: { period: PERIOD, smoothing: SMOOTHING, signal: SIGNAL },
  create: ({ signal, ...lengths }) => {
    const k = kernelOfK(lengths);
    const mean = new WindowMean(signal);
    return composeKernel({
      warmup: k.warmup + signal - 1,
      parts: { k, mean },
      next: (bar: IndicatorBar) => {
        const value = k.next(bar);
        return value === undefined ? undefined : mean.next(value);
      },
    });
  },
});

function kernelOfK({
  period,
  smoothing,
}: {
  readonly period: number;
  readonly smoothing: number;
}): BarKernel {
  const highs = new WindowExtreme(period, 1);
  const lows = new WindowExtreme(period, -1);
  const mean = new WindowMean(smoothing);
  return composeKernel({
    warmup: period + smoothing - 1,
    parts: { highs, lows, mean },
    next: (bar: IndicatorBar) => {
      const high = highs.next(bar.highNanos);
      const low = lows.next(bar.lowNanos);
      if (high === undefined || low === undefined) return undefined;
      return mean.next(high === low ? 50 : (100 * (bar.closeNanos - low)) / (high - low));
    },
  });
}
