import { AtrKernel } from './atr.ts';
import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { exponential } from './ema.ts';
import {
  type BarIndicator,
  defineBarIndicator,
  type IndicatorParameter,
  MULTIPLE,
  PERIOD,
} from './indicator.ts';
import type { IndicatorBar } from './kernel.ts';
import { fillSmoothed, SmoothedMean, wilder } from './smoothed-mean.ts';
import { fillTrueRanges } from './true-range.ts';

const MIDDLE: IndicatorParameter = {
  ...PERIOD,
  description: 'Length of the exponential average of closes, in bars.',
};
const RANGE: IndicatorParameter = {
  ...PERIOD,
  description: 'Length of the average true range, in bars.',
};

/**
 * The upper line of the Keltner channel: the exponential average of closes plus `multiple` average true ranges. The
 * middle line is `ema` of the close with the same period, to the bit.
 * @source L. Bradford Raschke's form of C. W. Keltner's ten-day lines (How to Make Money in Commodities, 1960): 20, 10
 * and 2 by custom.
 */
export const keltnerUpper = channel({ name: 'keltner-upper', title: 'Keltner, upper', side: 1 });

/** The lower line of the Keltner channel; see {@link keltnerUpper}. @source as there. */
export const keltnerLower = channel({ name: 'keltner-lower', title: 'Keltner, lower', side: -1 });

function channel({
  name,
  title,
  side,
}: {
  readonly name: string;
  readonly title: string;
  readonly side: 1 | -1;
}): BarIndicator<'period' | 'rangePeriod' | 'multiple'> {
  const sign = side === 1 ? 'plus' : 'less';
  return defineBarIndicator({
    name,
    title,
    description: `Exponential average of closes ${sign} \`multiple\` average true ranges; in nanos.`,
    needsSession: false,
    parameters: { period: MIDDLE, rangePeriod: RANGE, multiple: MULTIPLE },
    create: ({ period, rangePeriod, multiple }) => {
      const middle = new SmoothedMean(exponential(period));
      const range = new AtrKernel(rangePeriod);
      return composeKernel({
        warmup: Math.max(period, rangePeriod),
        parts: { middle, range },
        next: (bar: IndicatorBar) => {
          const center = middle.next(bar.closeNanos);
          const width = range.next(bar);
          if (center === undefined || width === undefined) return undefined;
          return center + side * multiple * width;
        },
      });
    },
    fill: ({ period, rangePeriod, multiple }, bars, output) => {
      const ranges = new Float64Array(output.length);
      if (!fillTrueRanges(bars, ranges)) return false;
      fillSmoothed(ranges, ranges, wilder(rangePeriod));
      fillSmoothed(bars.closeNanos, output, exponential(period));
      for (const block of blocksOf(0, output.length)) {
        widenBlock(output, ranges, block, side * multiple);
      }
      return true;
    },
  });
}

/** Moves averages by multiples of ranges; NaN in either is NaN. */
function widenBlock(
  averages: Float64Array,
  ranges: Float64Array,
  { from, to }: RowRange,
  multiple: number,
): void {
  for (let row = from; row < to; row += 1) {
    averages[row] = (averages[row] ?? 0) + multiple * (ranges[row] ?? 0);
  }
}
