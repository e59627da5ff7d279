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
});
