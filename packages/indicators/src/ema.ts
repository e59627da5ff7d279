import { defineValueIndicator, PERIOD } from './indicator.ts';
import type { ValueKernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { SmoothedMean } from './smoothed-mean.ts';

class EmaKernel implements ValueKernel {
  readonly warmup: number;
  readonly #mean: SmoothedMean;

  constructor(period: number) {
    this.warmup = period;
    this.#mean = new SmoothedMean({ period, weight: 2 / (period + 1) });
  }

  next(value: number): number | undefined {
    return this.#mean.next(value);
  }

  snapshot(): KernelState {
    return this.#mean.snapshot();
  }

  restore(state: KernelState): void {
    this.#mean.restore(state);
  }
}

/** The exponential moving average with weight 2 ÷ (period + 1), started at the mean of the first `period` inputs. */
export const ema = defineValueIndicator({
  name: 'ema',
  title: 'Exponential moving average',
  description: 'Weight 2 ÷ (period + 1), started at the mean of the first `period` inputs.',
  parameters: { period: PERIOD },
  create: ({ period }) => new EmaKernel(period),
});
