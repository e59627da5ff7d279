import type { BarColumns } from './bar-columns.ts';
import { inBlocks, type RowRange } from './column-facts.ts';
import { defineBarIndicator } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { type KernelState, numberOrNone } from './kernel-state.ts';

/** The true range in nanos: what the price moved since the previous close. The first bar's is high − low. */
export class TrueRangeKernel implements BarKernel {
  readonly warmup = 1;
  #previousClose: number | undefined;

  next(bar: IndicatorBar): number {
    const previous = this.#previousClose;
    this.#previousClose = bar.closeNanos;
    if (previous === undefined) return bar.highNanos - bar.lowNanos;
    return Math.max(bar.highNanos, previous) - Math.min(bar.lowNanos, previous);
  }

  snapshot(): KernelState {
    return { previousClose: this.#previousClose ?? null };
  }

  restore(state: KernelState): void {
    this.#previousClose = numberOrNone(state, 'previousClose');
  }
}

/**
 * The true range.
 * @source J. Welles Wilder, New Concepts in Technical Trading Systems (1978): the greatest of high − low,
 * |high − previous close| and |low − previous close|.
 */
export const trueRange = defineBarIndicator({
  name: 'true-range',
  title: 'True range',
  description: 'High − low, widened to the previous close; in nanos.',
  needsSession: false,
  parameters: {},
  create: () => new TrueRangeKernel(),
  fill: (_, bars, output) => fillTrueRanges(bars, output),
});

/** Fills a column with true ranges. @returns false where a price is no number: the column then means nothing. */
export function fillTrueRanges(bars: BarColumns, output: Float64Array): boolean {
  const { highNanos, lowNanos, closeNanos } = bars;
  if (output.length === 0) return true;
  const [high, low] = [highNanos[0] as number, lowNanos[0] as number];
  output[0] = high - low;
  let noughts = 0 * (high + low + (closeNanos[0] as number));
  inBlocks(1, output.length, (from, to) => {
    noughts += fillBlock(bars, output, { from, to });
  });
  return noughts === 0;
}

/** @returns nought times all prices: NaN where one is no number, which stays in a sum. */
function fillBlock(bars: BarColumns, output: Float64Array, { from, to }: RowRange): number {
  const { highNanos, lowNanos, closeNanos } = bars;
  let previous = closeNanos[from - 1] as number;
  let noughts = 0;
  for (let row = from; row < to; row += 1) {
    const high = highNanos[row] as number;
    const low = lowNanos[row] as number;
    output[row] = (high > previous ? high : previous) - (low < previous ? low : previous);
    previous = closeNanos[row] as number;
    noughts += 0 * (high + low + previous);
  }
  return noughts;
}
