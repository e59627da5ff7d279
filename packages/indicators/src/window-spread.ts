import type { Stateful } from './compose-kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { WindowMean } from './window-mean.ts';
import { deviationOfRun } from './window-sums.ts';

/** The middle and the width of a window. */
export interface Spread {
  readonly mean: number;
  /** Population standard deviation; 0 where all numbers are the same. */
  readonly deviation: number;
}

/**
 * Mean and standard deviation of the last `period` numbers, a function of those numbers alone.
 * @complexity O(period) an input: squares of prices do not fit a double, so that there is no exact rolling sum.
 */
export class WindowSpread implements Stateful {
  readonly #mean: WindowMean;

  constructor(period: number) {
    this.#mean = new WindowMean(period);
  }

  /** Takes the next number. @returns the spread, or `undefined` until the window is full. */
  next(value: number): Spread | undefined {
    const mean = this.#mean.next(value);
    if (mean === undefined) return undefined;
    const { window } = this.#mean;
    return { mean, deviation: deviationOfRun(window.values, window.run, mean) };
  }

  snapshot(): KernelState {
    return this.#mean.snapshot();
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    this.#mean.restore(state);
  }
}
