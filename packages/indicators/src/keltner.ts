import { AtrKernel } from './atr.ts';
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
import { SmoothedMean } from './smoothed-mean.ts';

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
  });
}
