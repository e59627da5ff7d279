import { assert } from '@capstan/domain';
import { type KernelState, numberOrNone, numbersOf } from './kernel-state.ts';
import { WindowMean } from './window-mean.ts';

/**
 * An exponentially weighted mean that starts at the mean of its first `period` numbers:
 * `mean += weight × (value − mean)`. Constant input gives exactly that constant.
 */
export class SmoothedMean {
  readonly period: number;
  readonly #weight: number;
  readonly #seed: WindowMean;
  #mean: number | undefined;

  constructor({ period, weight }: { readonly period: number; readonly weight: number }) {
    this.period = period;
    this.#weight = weight;
    this.#seed = new WindowMean(period);
  }

  /** Takes the next number. @returns the mean, or `undefined` for the first `period − 1` numbers. */
  next(value: number): number | undefined {
    if (this.#mean === undefined) {
      this.#mean = this.#seed.next(value);
      return this.#mean;
    }
    assert(Number.isFinite(value), `input is not a finite number: ${value}`);
    this.#mean += this.#weight * (value - this.#mean);
    return this.#mean;
  }

  /** Returns the state: the mean, or the numbers gathered for the first one. */
  snapshot(): KernelState {
    const seed = this.#mean === undefined ? this.#seed.contents() : [];
    return { mean: this.#mean ?? null, seed };
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    this.#seed.refill(numbersOf(state, 'seed', this.period - 1));
    this.#mean = numberOrNone(state, 'mean');
  }
}
