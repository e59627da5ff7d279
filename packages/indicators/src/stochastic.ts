import type { BarColumns } from './bar-columns.ts';
import { blocksOf, isFiniteColumn, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { fillMeans } from './fill-means.ts';
import { defineBarIndicator, type IndicatorParameter, PERIOD } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { fillExtremes, WindowExtreme } from './window-extreme.ts';
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
  fill: (lengths, bars, output) => fillK(bars, output, lengths),
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
  fill: ({ signal, ...lengths }, bars, output) => {
    const k = new Float64Array(output.length);
    if (!fillK(bars, k, lengths)) return false;
    const head = Math.min(lengths.period + lengths.smoothing - 2, k.length);
    output.fill(Number.NaN, 0, head);
    return fillMeans(k.subarray(head), output.subarray(head), signal);
  },
});

interface KLengths {
  readonly period: number;
  readonly smoothing: number;
}

function kernelOfK({ period, smoothing }: KLengths): BarKernel {
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
      return mean.next(placeOf(bar.closeNanos, { high, low }));
    },
  });
}

function placeOf(close: number, { high, low }: { readonly high: number; readonly low: number }) {
  return high === low ? 50 : (100 * (close - low)) / (high - low);
}

function fillK(bars: BarColumns, output: Float64Array, { period, smoothing }: KLengths): boolean {
  const { highNanos, lowNanos, closeNanos } = bars;
  if (![highNanos, lowNanos, closeNanos].every(isFiniteColumn)) return false;
  const places = new Float64Array(output.length);
  const lows = new Float64Array(output.length);
  fillExtremes(highNanos, places, { period, side: 1 });
  fillExtremes(lowNanos, lows, { period, side: -1 });
  for (const block of blocksOf(0, output.length)) placeBlock({ places, lows, closeNanos }, block);
  const head = Math.min(period - 1, output.length);
  output.fill(Number.NaN, 0, head);
  return fillMeans(places.subarray(head), output.subarray(head), smoothing);
}

interface PlaceColumns {
  /** Highs at first. */
  readonly places: Float64Array;
  readonly lows: Float64Array;
  readonly closeNanos: Float64Array;
}

function placeBlock({ places, lows, closeNanos }: PlaceColumns, { from, to }: RowRange): void {
  for (let row = from; row < to; row += 1) {
    const high = places[row] ?? 0;
    places[row] = placeOf(closeNanos[row] ?? 0, { high, low: lows[row] ?? 0 });
  }
}
