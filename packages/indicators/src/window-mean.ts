import { exactQuotient, highLimb, lowLimb } from './exact-quotient.ts';
import type { ValueKernel } from './kernel.ts';
import { type KernelState, numbersOf } from './kernel-state.ts';
import { Window } from './window.ts';
import { meanOfRun } from './window-sums.ts';

/**
 * The mean of the last `period` numbers, a function of those numbers alone: nothing of what left the window stays.
 *
 * Where all of them are safe integers (prices in nanos, volumes), the sum is exact at any size and divided once, so
 * the result is the true mean rounded to the nearest double. Equal means therefore compare equal whatever their
 * periods, and unequal ones never compare the wrong way round. Where one is not an integer, the window is summed
 * anew.
 * @complexity O(1) an input for integers, O(period) while a non-integer is in the window.
 */
export class WindowMean implements ValueKernel {
  readonly warmup: number;
  readonly window: Window;
  #high = 0;
  #low = 0;
  /** How many numbers of the window are no safe integers; they are not in the limbs. */
  #floats = 0;

  constructor(period: number) {
    this.warmup = period;
    this.window = new Window(period);
  }

  get period(): number {
    return this.window.period;
  }

  /** Takes the next number. @returns the mean, or `undefined` until the window is full. */
  next(value: number): number | undefined {
    const left = this.window.push(value);
    if (left !== undefined) this.#account(left, -1);
    this.#account(value, 1);
    return this.window.isFull ? this.#mean() : undefined;
  }

  /** Returns the numbers of the window, oldest first. */
  contents(): readonly number[] {
    return this.window.contents();
  }

  /** Replaces the window. @param values oldest first, at most `period`. */
  refill(values: readonly number[]): void {
    this.window.clear();
    this.#high = 0;
    this.#low = 0;
    this.#floats = 0;
    for (const value of values) this.next(value);
  }

  /** Returns the state as plain data. */
  snapshot(): KernelState {
    return this.window.snapshot();
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    this.refill(numbersOf(state, 'window', this.period));
  }

  #account(value: number, sign: 1 | -1): void {
    if (!Number.isSafeInteger(value)) {
      this.#floats += sign;
      return;
    }
    this.#high += sign * highLimb(value);
    this.#low += sign * lowLimb(value);
  }

  #mean(): number {
    if (this.#floats > 0) return meanOfRun(this.window.values, this.window.run);
    return exactQuotient({ high: this.#high, low: this.#low }, this.period);
  }
}
