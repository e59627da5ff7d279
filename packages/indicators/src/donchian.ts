import { blocksOf, isFiniteColumn, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { defineBarIndicator, PERIOD } from './indicator.ts';
import type { IndicatorBar } from './kernel.ts';
import { fillExtremes, WindowExtreme } from './window-extreme.ts';

/**
 * The upper line of the Donchian channel: the greatest high of the last n bars, this one included. A close cannot pass
 * it; a breakout is measured against the line before this bar, `ofNode(lag, { period: 1 }, line)`.
 * @source R. Donchian's four-week rule, in J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9.
 */
export const donchianUpper = defineBarIndicator({
  name: 'donchian-upper',
  title: 'Donchian channel, upper',
  description: 'Greatest high of the last `period` bars; in nanos.',
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const highs = new WindowExtreme(period, 1);
    return composeKernel({
      warmup: period,
      parts: { highs },
      next: (bar: IndicatorBar) => highs.next(bar.highNanos),
    });
  },
  fill: ({ period }, { highNanos }, output) =>
    isFiniteColumn(highNanos) && fillExtremes(highNanos, output, { period, side: 1 }),
});

/** The lower line: the least low of the last n bars; see {@link donchianUpper}. @source as there. */
export const donchianLower = defineBarIndicator({
  name: 'donchian-lower',
  title: 'Donchian channel, lower',
  description: 'Least low of the last `period` bars; in nanos.',
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const lows = new WindowExtreme(period, -1);
    return composeKernel({
      warmup: period,
      parts: { lows },
      next: (bar: IndicatorBar) => lows.next(bar.lowNanos),
    });
  },
  fill: ({ period }, { lowNanos }, output) =>
    isFiniteColumn(lowNanos) && fillExtremes(lowNanos, output, { period, side: -1 }),
});

/** The middle line: halfway between {@link donchianLower} and {@link donchianUpper}. @source as there. */
export const donchianMiddle = defineBarIndicator({
  name: 'donchian-middle',
  title: 'Donchian channel, middle',
  description:
    'Halfway between the least low and the greatest high of the last `period` bars; in nanos.',
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const highs = new WindowExtreme(period, 1);
    const lows = new WindowExtreme(period, -1);
    return composeKernel({
      warmup: period,
      parts: { highs, lows },
      next: (bar: IndicatorBar) => {
        const high = highs.next(bar.highNanos);
        const low = lows.next(bar.lowNanos);
        return high === undefined || low === undefined ? undefined : (high + low) / 2;
      },
    });
  },
  fill: ({ period }, { highNanos, lowNanos }, output) => {
    if (!isFiniteColumn(highNanos) || !isFiniteColumn(lowNanos)) return false;
    const lows = new Float64Array(output.length);
    fillExtremes(highNanos, output, { period, side: 1 });
    fillExtremes(lowNanos, lows, { period, side: -1 });
    for (const block of blocksOf(0, output.length)) halveBlock(output, lows, block);
    return true;
  },
});

/** Moves highs halfway to lows. */
function halveBlock(highs: Float64Array, lows: Float64Array, { from, to }: RowRange): void {
  for (let row = from; row < to; row += 1) {
    highs[row] = ((highs[row] ?? 0) + (lows[row] ?? 0)) / 2;
  }
}
