import { composeKernel } from './compose-kernel.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { Previous } from './previous.ts';
import { SmoothedMean, wilder } from './smoothed-mean.ts';

/**
 * The relative strength index, 100 · gain ÷ (gain + loss), which is Wilder's 100 − 100 ÷ (1 + gain ÷ loss). Gain and
 * loss are Wilder's means of the rises and of the falls from one input to the next; 50 where both are 0.
 * @source J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section VI: weight 1 ÷ n, started at
 * the mean of the first n changes.
 */
export const rsi = defineValueIndicator({
  name: 'rsi',
  title: 'Relative strength index',
  description: "Wilder's share of rises in the moves of the inputs, 0 to 100.",
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const previous = new Previous();
    const rises = new SmoothedMean(wilder(period));
    const falls = new SmoothedMean(wilder(period));
    return composeKernel({
      warmup: period + 1,
      parts: { previous, rises, falls },
      next: (value: number) => {
        const before = previous.exchange(value);
        if (before === undefined) return undefined;
        const change = value - before;
        const gain = rises.next(change > 0 ? change : 0);
        const loss = falls.next(change < 0 ? -change : 0);
        if (gain === undefined || loss === undefined) return undefined;
        return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
      },
    });
  },
});
