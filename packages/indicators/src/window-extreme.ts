import type { RowRange } from './column-facts.ts';
import type { ValueKernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { BLOCK_ROWS } from './limits.ts';
import { Window } from './window.ts';

/** 1 looks for the greatest, −1 for the least. */
export type Side = 1 | -1;

/**
 * The greatest or least of the last `period` numbers. Never −0.
 * @complexity O(1) an input, O(period) for one before which the extreme itself left the window.
 */
export class WindowExtreme implements ValueKernel {
  readonly warmup: number;
  readonly #window: Window;
  readonly #side: Side;
  /** Greatest of the numbers times side. */
  #most = Number.NEGATIVE_INFINITY;

  constructor(period: number, side: Side) {
    this.warmup = period;
    this.#window = new Window(period);
    this.#side = side;
  }

  /** Takes the next number. @returns the extreme, or `undefined` until the window is full. */
  next(value: number): number | undefined {
    const left = this.#window.push(value);
    const sided = value * this.#side;
    if (sided >= this.#most) this.#most = sided;
    else if (left !== undefined && left * this.#side === this.#most) this.#most = this.#search();
    return this.#window.isFull ? this.#most * this.#side + 0 : undefined;
  }

  snapshot(): KernelState {
    return this.#window.snapshot();
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    this.#window.restore(state);
    this.#most = this.#search();
  }

  #search(): number {
    const { values, run } = this.#window;
    const { start, count } = run;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = start; at < start + count; at += 1) {
      const sided = (values[at] ?? 0) * this.#side;
      if (sided > most) most = sided;
    }
    return most;
  }
}

/**
 * Fills a column with the extremes of the last `period` values, with the values of a {@link WindowExtreme}. Each
 * window spans two stretches of `period` rows: the extreme of the end of one and of the beginning of the next.
 * @param input finite numbers. @returns true: it always can.
 * @complexity O(1) a row, whatever the period.
 * @source M. van Herk, A Fast Algorithm for Local Minimum and Maximum Filters on Rectangular and Octagonal Kernels,
 * Pattern Recognition Letters 13 (1992).
 */
export function fillExtremes(
  input: Float64Array,
  output: Float64Array,
  { period, side }: { readonly period: number; readonly side: Side },
): true {
  const ends = new Float64Array(period + 1).fill(Number.NEGATIVE_INFINITY);
  const stretches = { ends, period, side };
  const rowsAtOnce = Math.ceil(BLOCK_ROWS / period) * period;
  for (let from = 0; from < input.length; from += rowsAtOnce) {
    const to = Math.min(from + rowsAtOnce, input.length);
    fillStretches(input, output, { from, to }, stretches);
  }
  output.fill(Number.NaN, 0, Math.min(period - 1, input.length));
  return true;
}

interface Stretches {
  /** For each row of the stretch before, the extreme from it to the stretch's end; the last entry is of no rows. */
  readonly ends: Float64Array;
  readonly period: number;
  readonly side: Side;
}

function fillStretches(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  { ends, period, side }: Stretches,
): void {
  for (let first = from; first < to; first += period) {
    const end = first + period < to ? first + period : to;
    let most = Number.NEGATIVE_INFINITY;
    for (let row = first; row < end; row += 1) {
      const value = (input[row] ?? 0) * side;
      if (value > most) most = value;
      const before = ends[row - first + 1] ?? 0;
      output[row] = (before > most ? before : most) * side + 0;
    }
    most = Number.NEGATIVE_INFINITY;
    for (let row = end - 1; row >= first; row -= 1) {
      const value = (input[row] ?? 0) * side;
      if (value > most) most = value;
      ends[row - first] = most;
    }
  }
}
