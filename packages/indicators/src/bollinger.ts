import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { fillMeans } from './fill-means.ts';
import { defineValueIndicator, MULTIPLE, PERIOD, type ValueIndicator } from './indicator.ts';
import { WindowSpread } from './window-spread.ts';
import { deviationOfRun } from './window-sums.ts';

/**
 * The upper Bollinger band: the mean of the last n inputs plus `multiple` population standard deviations. The middle
 * band is `sma` of the same period, to the bit.
 * @source J. Bollinger, Bollinger on Bollinger Bands (2001): 20 and 2 by custom.
 */
export const bollingerUpper = band({ name: 'bollinger-upper', title: 'Bollinger, upper', side: 1 });

/** The lower Bollinger band; see {@link bollingerUpper}. @source as there. */
export const bollingerLower = band({
  name: 'bollinger-lower',
  title: 'Bollinger, lower',
  side: -1,
});

function band({ name, title, side }: BandText): ValueIndicator<'period' | 'multiple'> {
  const sign = side === 1 ? 'plus' : 'less';
  return defineValueIndicator({
    name,
    title,
    description: `Mean of the last \`period\` inputs ${sign} \`multiple\` standard deviations, in their unit.`,
    parameters: { period: PERIOD, multiple: MULTIPLE },
    create: ({ period, multiple }) => {
      const window = new WindowSpread(period);
      return composeKernel({
        warmup: period,
        parts: { window },
        next: (value: number) => {
          const spread = window.next(value);
          return spread === undefined
            ? undefined
            : spread.mean + side * multiple * spread.deviation;
        },
      });
    },
    fill: ({ period, multiple }, input, output) => {
      if (!fillMeans(input, output, period)) return false;
      for (const block of blocksOf(period - 1, input.length)) {
        widenBlock(input, output, block, { period, multiple: side * multiple });
      }
      return true;
    },
  });
}

interface BandText {
  readonly name: string;
  readonly title: string;
  readonly side: 1 | -1;
}

/** Moves the means in `output` to a band. */
function widenBlock(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  { period, multiple }: { readonly period: number; readonly multiple: number },
): void {
  for (let row = from; row < to; row += 1) {
    const mean = output[row] ?? 0;
    const run = { start: row - period + 1, count: period };
    output[row] = mean + multiple * deviationOfRun(input, run, mean);
  }
}
