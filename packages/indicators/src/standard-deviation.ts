import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { fillMeans } from './fill-means.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { WindowSpread } from './window-spread.ts';
import { deviationOfRun } from './window-sums.ts';

/**
 * The population standard deviation, √(Σ(x − mean)² ÷ n), of the last n inputs.
 * @source J. Bollinger, Bollinger on Bollinger Bands (2001): the population form, ÷ n and not ÷ (n − 1).
 */
export const standardDeviation = defineValueIndicator({
  name: 'standard-deviation',
  title: 'Standard deviation',
  description: 'Population standard deviation of the last `period` inputs, in their unit.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const window = new WindowSpread(period);
    return composeKernel({
      warmup: period,
      parts: { window },
      next: (value: number) => window.next(value)?.deviation,
    });
  },
  fill: ({ period }, input, output) => {
    if (!fillMeans(input, output, period)) return false;
    for (const block of blocksOf(period - 1, input.length)) {
      deviationsOfBlock(input, output, block, period);
    }
    return true;
  },
});

/** Replaces the means in `output`. */
function deviationsOfBlock(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  for (let row = from; row < to; row += 1) {
    const run = { start: row - period + 1, count: period };
    output[row] = deviationOfRun(input, run, output[row] ?? 0);
  }
}
