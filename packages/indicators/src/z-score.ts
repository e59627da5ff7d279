import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { fillMeans } from './fill-means.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { WindowSpread } from './window-spread.ts';
import { deviationOfRun } from './window-sums.ts';

/**
 * How many standard deviations the input lies above the mean of the last n, this one included:
 * (x − mean) ÷ σ with the population σ; 0 where all n are the same.
 * @source E. Chan, Algorithmic Trading (2013), on mean reversion; with the σ of `standard-deviation`.
 */
export const zScore = defineValueIndicator({
  name: 'z-score',
  title: 'Z-score',
  description: 'Standard deviations above the mean of the last `period` inputs; a plain number.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const window = new WindowSpread(period);
    return composeKernel({
      warmup: period,
      parts: { window },
      next: (value: number) => {
        const spread = window.next(value);
        return spread === undefined ? undefined : score(value, spread.mean, spread.deviation);
      },
    });
  },
  fill: ({ period }, input, output) => {
    if (!fillMeans(input, output, period)) return false;
    for (const block of blocksOf(period - 1, input.length)) {
      scoresOfBlock(input, output, block, period);
    }
    return true;
  },
});

function score(value: number, mean: number, deviation: number): number {
  return deviation === 0 ? 0 : (value - mean) / deviation;
}

/** Replaces the means in `output`. */
function scoresOfBlock(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  for (let row = from; row < to; row += 1) {
    const mean = output[row] ?? 0;
    const deviation = deviationOfRun(input, { start: row - period + 1, count: period }, mean);
    output[row] = score(input[row] ?? 0, mean, deviation);
  }
}
