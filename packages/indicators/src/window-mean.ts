import { assert } from '@capstan/domain';
import { LIMB_BITS, PERIOD_MAX } from './limits.ts';

const LIMB = 2 ** LIMB_BITS;
const EXTRA_BITS = 64n;

/**
 * The mean of the last `period` numbers, a function of those numbers alone: nothing of what left the window stays.
 *
 * Where all of them are safe integers (prices in nanos, volumes), the sum is exact at any size and divided once, so
 * the result is the true mean rounded to the nearest double. Equal means therefore compare equal whatever their
 * periods, and unequal ones never compare the wrong way round. Where one is not an integer, the window is summed
 * anew, oldest first.
 * @complexity O(1) an input for integers, O(period) while a non-integer is in the window.
 */
export class WindowMean {
  readonly period: number;
  readonly #values: Float64Array;
  #count = 0;
  #at = 0;
  #high = 0;
  #low = 0;
  /** How many numbers of the window are no safe integers; they are not in the limbs. */
  #floats = 0;

  constructor(period: number) {
    assert(
      Number.isInteger(period) && period >= 1 && period <= PERIOD_MAX,
      `period must be 1 to ${PERIOD_MAX}: ${period}`,
    );
    this.period = period;
    this.#values = new Float64Array(period);
  }

  /** Takes the next number. @returns the mean, or `undefined` until the window is full. */
  next(value: number): number | undefined {
    assert(Number.isFinite(value), `input is not a finite number: ${value}`);
    if (this.#count === this.period) this.#account(this.#values[this.#at] ?? 0, -1);
    else this.#count += 1;
    this.#values[this.#at] = value;
    this.#at = this.#at + 1 === this.period ? 0 : this.#at + 1;
    this.#account(value, 1);
    return this.#count < this.period ? undefined : this.#mean();
  }

  /** Returns the numbers of the window, oldest first. */
  contents(): readonly number[] {
    const inOrder: number[] = [];
    const first = this.#count < this.period ? 0 : this.#at;
    for (let offset = 0; offset < this.#count; offset += 1) {
      inOrder.push(this.#values[(first + offset) % this.period] ?? 0);
    }
    return inOrder;
  }

  /** Replaces the window. @param values oldest first, at most `period`. */
  refill(values: readonly number[]): void {
    this.#count = 0;
    this.#at = 0;
    this.#high = 0;
    this.#low = 0;
    this.#floats = 0;
    for (const value of values) this.next(value);
  }

  #account(value: number, sign: 1 | -1): void {
    if (!Number.isSafeInteger(value)) {
      this.#floats += sign;
      return;
    }
    const high = Math.floor(value / LIMB);
    this.#high += sign * high;
    this.#low += sign * (value - high * LIMB);
  }

  #mean(): number {
    if (this.#floats > 0) return this.#floatMean();
    const total = this.#high * LIMB + this.#low;
    if (Number.isSafeInteger(total)) return total / this.period;
    return wideQuotient(BigInt(this.#high) * BigInt(LIMB) + BigInt(this.#low), BigInt(this.period));
  }

  #floatMean(): number {
    let total = 0;
    for (const value of this.contents()) total += value;
    return total / this.period + 0;
  }
}

/** Divides exactly and rounds once, to the nearest double: the last bit says that something was cut off. */
function wideQuotient(total: bigint, period: bigint): number {
  const magnitude = (total < 0n ? -total : total) << EXTRA_BITS;
  const quotient = magnitude / period;
  const sticky = quotient * period === magnitude ? quotient : quotient | 1n;
  const value = Number(sticky) / 2 ** Number(EXTRA_BITS);
  return total < 0n ? -value : value;
}
