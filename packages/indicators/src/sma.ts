import { defineValueIndicator, PERIOD } from './indicator.ts';
import type { ValueKernel } from './kernel.ts';
import { type KernelState, numbersOf } from './kernel-state.ts';
import { WindowMean } from './window-mean.ts';

class SmaKernel implements ValueKernel {
  readonly warmup: number;
  readonly #mean: WindowMean;

  constructor(period: number) {
    this.warmup = period;
    this.#mean = new WindowMean(period);
  }

  next(value: number): number | undefined {
    return this.#mean.next(value);
  }

  snapshot(): KernelState {
    return { window: this.#mean.contents() };
  }

  restore(state: KernelState): void {
    this.#mean.refill(numbersOf(state, 'window', this.warmup));
  }
}

/** The simple moving average: exact over integers, so that ties of two averages are ties. */
export const sma = defineValueIndicator({
  name: 'sma',
  title: 'Simple moving average',
  description: 'The mean of the last `period` inputs, in their unit.',
  parameters: { period: PERIOD },
  create: ({ period }) => new SmaKernel(period),
});
