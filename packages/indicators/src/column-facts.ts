import { BLOCK_ROWS } from './limits.ts';

/** From which row to before which. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the rows from `first` on in pieces. A loop in a function that is called for each piece is compiled in
 * whole; one long loop runs to its end in code that was compiled in its midst, which is slower.
 */
export function blocksOf(first: number, rows: number): readonly RowRange[] {
  const blocks: RowRange[] = [];
  for (let from = first; from < rows; from += BLOCK_ROWS) {
    blocks.push({ from, to: from + BLOCK_ROWS < rows ? from + BLOCK_ROWS : rows });
  }
  return blocks;
}

/**
 * Takes the rows from `first` on in pieces, as {@link blocksOf} cuts them. The loop stands here and not with its callers: what all
 * of them go through is not compiled into any of them, so that the work of a piece stays a function that is entered at its begin.
 */
export function inBlocks(
  first: number,
  rows: number,
  visit: (from: number, to: number) => void,
): void {
  for (let from = first; from < rows; from += BLOCK_ROWS) {
    visit(from, from + BLOCK_ROWS < rows ? from + BLOCK_ROWS : rows);
  }
}

/** Tells whether a column has no NaN and no infinity. */
export function isFiniteColumn(values: Float64Array): boolean {
  return blocksOf(0, values.length).every((block) => isFiniteBlock(values, block));
}

/** Nought times what is not finite is NaN, and stays in a sum; four sums run side by side. */
function isFiniteBlock(values: Float64Array, { from, to }: RowRange): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let row = from;
  for (; row + 3 < to; row += 4) {
    a += 0 * (values[row] ?? 0);
    b += 0 * (values[row + 1] ?? 0);
    c += 0 * (values[row + 2] ?? 0);
    d += 0 * (values[row + 3] ?? 0);
  }
  for (; row < to; row += 1) a += 0 * (values[row] ?? 0);
  return a + b + c + d === 0;
}

/** Returns the values that are not NaN, in order; infinities stay, and are refused by whoever computes with them. */
export function presentValues(values: Float64Array): Float64Array {
  let first = 0;
  while (first < values.length && Number.isNaN(values[first])) first += 1;
  const rest = values.subarray(first);
  return isFiniteColumn(rest) ? rest : rest.filter((value) => !Number.isNaN(value));
}

/** Returns the largest magnitude in a column of whole numbers; `undefined` where one is not whole, or no number. */
export function wholeMagnitude(values: Float64Array): number | undefined {
  let most = 0;
  inBlocks(0, values.length, (from, to) => {
    if (most !== Number.POSITIVE_INFINITY) most = magnitudeOfBlock(values, { from, to }, most);
  });
  return most === Number.POSITIVE_INFINITY ? undefined : most;
}

/**
 * What a number has beyond a whole one is added up, in four sums side by side: nothing where all are whole, and NaN stays in a sum.
 * @returns the larger of `before` and the largest magnitude; infinity where a number is not whole.
 */
function magnitudeOfBlock(values: Float64Array, { from, to }: RowRange, before: number): number {
  let most = before;
  let [a, b, c, d] = [0, 0, 0, 0];
  let row = from;
  for (; row + 3 < to; row += 4) {
    const first = Math.abs(values[row] as number);
    const second = Math.abs(values[row + 1] as number);
    const third = Math.abs(values[row + 2] as number);
    const fourth = Math.abs(values[row + 3] as number);
    if (first > most) most = first;
    if (second > most) most = second;
    if (third > most) most = third;
    if (fourth > most) most = fourth;
    a += first - Math.floor(first);
    b += second - Math.floor(second);
    c += third - Math.floor(third);
    d += fourth - Math.floor(fourth);
  }
  for (; row < to; row += 1) {
    const value = Math.abs(values[row] as number);
    if (value > most) most = value;
    a += value - Math.floor(value);
  }
  return a + b + c + d === 0 ? most : Number.POSITIVE_INFINITY;
}

/** What rolling sums over a column may count on. */
export interface SumFacts {
  /** True where all values are whole. */
  readonly areWhole: boolean;
  /** True where weighted sums of the whole ones stay below 2^53, and are thus exact. */
  readonly areExact: boolean;
}

/**
 * Looks whether sums of a column's whole numbers are exact.
 * @param weights what the weights of a window add up to: its length where all are 1.
 */
export function sumFacts(values: Float64Array, weights: number): SumFacts {
  const bound = Number.MAX_SAFE_INTEGER / weights;
  let areWhole = true;
  for (const block of blocksOf(0, values.length)) {
    if (!isWithin(values, block, bound)) return { areWhole: false, areExact: false };
    areWhole &&= areWholeRows(values, block);
  }
  return { areWhole, areExact: true };
}

function isWithin(values: Float64Array, { from, to }: RowRange, bound: number): boolean {
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? 0;
    if (value > bound || value < -bound) return false;
  }
  return true;
}

function areWholeRows(values: Float64Array, { from, to }: RowRange): boolean {
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? 0;
    if (value !== Math.floor(value)) return false;
  }
  return true;
}
