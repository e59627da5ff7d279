import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { Previous } from './previous.ts';
import { fillSmoothed, SmoothedMean, wilder } from './smoothed-mean.ts';

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
        return indexOf(gain, loss);
      },
    });
  },
  fill: ({ period }, input, output) => fillRsi(input, output, period),
});

function indexOf(gain: number, loss: number): number {
  return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
}

/** Rises are smoothed in `output`, falls beside it, a row later than the first input. */
function fillRsi(input: Float64Array, output: Float64Array, period: number): true {
  if (input.length === 0) return true;
  const gains = output.subarray(1);
  const losses = new Float64Array(gains.length);
  for (const block of blocksOf(1, input.length)) splitChanges(input, { gains, losses }, block);
  fillSmoothed(gains, gains, wilder(period));
  fillSmoothed(losses, losses, wilder(period));
  for (const block of blocksOf(period - 1, gains.length)) joinChanges({ gains, losses }, block);
  output[0] = Number.NaN;
  return true;
}

interface Changes {
  readonly gains: Float64Array;
  readonly losses: Float64Array;
}

function splitChanges(
  input: Float64Array,
  { gains, losses }: Changes,
  { from, to }: RowRange,
): void {
  for (let row = from; row < to; row += 1) {
    const change = (input[row] ?? 0) - (input[row - 1] ?? 0);
    gains[row - 1] = change > 0 ? change : 0;
    losses[row - 1] = change < 0 ? -change : 0;
  }
}

function joinChanges({ gains, losses }: Changes, { from, to }: RowRange): void {
  for (let row = from; row < to; row += 1) {
    gains[row] = indexOf(gains[row] ?? 0, losses[row] ?? 0);
  }
}
