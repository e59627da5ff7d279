import { blocksOf, type RowRange } from './column-facts.ts';
import { checkFinite } from './finite.ts';
import type { ValueKernel } from './kernel.ts';
import { type KernelState, numberOrNone, numbersOf } from './kernel-state.ts';
import { WindowMean } from './window-mean.ts';

/** How an exponentially weighted mean moves. */
export interface Smoothing {
  /** How many numbers its start is the mean of. */
  readonly period: number;
  /** What a new number counts for, above 0 up to 1. */
  readonly weight: number;
}

/** How Wilder smooths: weight 1 ÷ period. */
export function wilder(period: number): Smoothing {
  return { period, weight: 1 / period };
}

/**
 * An exponentially weighted mean that starts at the mean of its first `period` numbers:
 * `mean += weight × (value − mean)`. Constant input gives exactly that constant.
 */
export class SmoothedMean implements ValueKernel {
  readonly period: number;
  readonly warmup: number;
  readonly #weight: number;
  readonly #seed: WindowMean;
  #mean: number | undefined;

  constructor({ period, weight }: Smoothing) {
    this.period = period;
    this.warmup = period;
    this.#weight = weight;
    this.#seed = new WindowMean(period);
  }

  /** Takes the next number. @returns the mean, or `undefined` for the first `period − 1` numbers. */
  next(value: number): number | undefined {
    if (this.#mean === undefined) {
      this.#mean = this.#seed.next(value);
      return this.#mean;
    }
    checkFinite(value);
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

/**
 * Fills a column with a smoothed mean of another, with the bits of a {@link SmoothedMean}.
 * @param input finite numbers. @param output may be the input itself. @returns true: it always can.
 */
export function fillSmoothed(
  input: Float64Array,
  output: Float64Array,
  { period, weight }: Smoothing,
): true {
  const seed = new WindowMean(period);
  const head = Math.min(period, input.length);
  let mean = 0;
  for (let row = 0; row < head; row += 1) mean = seed.next(input[row] ?? 0) ?? 0;
  output.fill(Number.NaN, 0, head);
  if (input.length < period) return true;
  output[period - 1] = mean;
  for (const block of blocksOf(period, input.length)) {
    mean = smooth(input, output, block, { weight, mean });
  }
  return true;
}

function smooth(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  { weight, mean: before }: { readonly weight: number; readonly mean: number },
): number {
  let mean = before;
  for (let row = from; row < to; row += 1) {
    mean += weight * ((input[row] ?? 0) - mean);
    output[row] = mean;
  }
  return mean;
}
