import { assert } from '@capstan/domain';
import { checkFinite } from './finite.ts';
import { type KernelState, numbersOf } from './kernel-state.ts';
import { PERIOD_MAX } from './limits.ts';
import type { Run } from './window-sums.ts';

/**
 * The last `period` numbers. Each stands twice in `values`, a period apart, so that a full window is always one run
 * of it, oldest first: what computes over a window and what computes over a column are then the same loop.
 */
export class Window {
  readonly period: number;
  /** Twice `period` long; a window is the `run` of it. */
  readonly values: Float64Array;
  #count = 0;
  #at = 0;

  constructor(period: number) {
    assert(
      Number.isInteger(period) && period >= 1 && period <= PERIOD_MAX,
      `period must be 1 to ${PERIOD_MAX}: ${period}`,
    );
    this.period = period;
    this.values = new Float64Array(2 * period);
  }

  get isFull(): boolean {
    return this.#count === this.period;
  }

  /** Where the numbers of the window begin in `values`, oldest first. */
  get start(): number {
    return this.isFull ? this.#at : 0;
  }

  /** Where the window stands in `values`. */
  get run(): Run {
    return { start: this.start, count: this.#count };
  }

  /** The number that the next one drives out, `undefined` while there is room. */
  get oldest(): number | undefined {
    return this.isFull ? this.values[this.#at] : undefined;
  }

  /** Takes the next number; −0 becomes 0, as in JSON. @returns the one that left, if one did. */
  push(value: number): number | undefined {
    checkFinite(value);
    const left = this.oldest;
    if (left === undefined) this.#count += 1;
    this.values[this.#at] = value + 0;
    this.values[this.#at + this.period] = value + 0;
    this.#at = this.#at + 1 === this.period ? 0 : this.#at + 1;
    return left;
  }

  /** Returns the numbers of the window, oldest first. */
  contents(): readonly number[] {
    return [...this.values.subarray(this.start, this.start + this.#count)];
  }

  /** Forgets all numbers. */
  clear(): void {
    this.#count = 0;
    this.#at = 0;
  }

  /** Returns the state as plain data. */
  snapshot(): KernelState {
    return { window: this.contents() };
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    const values = numbersOf(state, 'window', this.period);
    this.clear();
    for (const value of values) this.push(value);
  }
}
