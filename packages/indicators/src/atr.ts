import { defineBarIndicator, PERIOD } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { fillSmoothed, SmoothedMean, wilder } from './smoothed-mean.ts';
import { fillTrueRanges, TrueRangeKernel } from './true-range.ts';

/** Wilder's mean of the true range. */
export class AtrKernel implements BarKernel {
  readonly warmup: number;
  readonly #range = new TrueRangeKernel();
  readonly #mean: SmoothedMean;

  constructor(period: number) {
    this.warmup = period;
    this.#mean = new SmoothedMean(wilder(period));
  }

  next(bar: IndicatorBar): number | undefined {
    return this.#mean.next(this.#range.next(bar));
  }

  snapshot(): KernelState {
    return { ...this.#range.snapshot(), ...this.#mean.snapshot() };
  }

  restore(state: KernelState): void {
    this.#range.restore(state);
    this.#mean.restore(state);
  }
}

/**
 * The average true range.
 * @source J. Welles Wilder, New Concepts in Technical Trading Systems (1978): weight 1 ÷ period, started at the mean
 * of the first `period` true ranges.
 */
export const atr = defineBarIndicator({
  name: 'atr',
  title: 'Average true range',
  description: "Wilder's mean of the true range, weight 1 ÷ period; in nanos.",
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => new AtrKernel(period),
  fill: ({ period }, bars, output) =>
    fillTrueRanges(bars, output) && fillSmoothed(output, output, wilder(period)),
});
