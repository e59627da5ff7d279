/** Powers of a return that are added up, and the square of what of it is a loss. */
export const RETURN_SUMS = 5;
/** The shortest spans whose highest and lowest close are kept: two to the power of this, twice. */
const LEVEL_MIN = 3;
/** A bit that makes no span shorter than those. */
export const SPAN_BIT = 1 << (LEVEL_MIN - 1);

/** Columns of the bars that all combinations of a sweep share. */
export interface SweepColumns {
  readonly closeNanos: Float64Array;
  /**
   * Of each row {@link RETURN_SUMS} numbers: the sums, from the first row to this one, of the change of the close from bar to bar, its
   * second, third and fourth power, and twice its loss squared.
   */
  readonly sums: Float64Array;
  readonly spans: Spans;
}

/**
 * Highest and lowest close of spans of rows. Any rows in a row lie within a span that is at most four times as long, or of 16 rows:
 * `(first + size) >> level`, where two to the power of `level` is no less than their number.
 */
export interface Spans {
  /** A power of two above the number of rows. */
  readonly size: number;
  /** Of each span two numbers: highest, lowest. */
  readonly extremes: Float64Array;
}

/** Gives a column of so many numbers, all of them 0. */
export type ColumnRoom = (length: number) => Float64Array;

/** Works them out, in columns of its own unless room for them is given. */
export function sweepColumns(
  closeNanos: Float64Array,
  room: ColumnRoom = (length) => new Float64Array(length),
): SweepColumns {
  const rows = closeNanos.length;
  const sums = room(rows * RETURN_SUMS);
  fillSums(sums, closeNanos);
  const size = spanSizeOf(rows);
  const extremes = room(extremesOf(size));
  fillExtremes({ size, extremes }, closeNanos);
  return { closeNanos, sums, spans: { size, extremes } };
}

/** Returns how many numbers {@link sweepColumns} asks room for. */
export const columnNumbers = (rows: number): number =>
  rows * RETURN_SUMS + extremesOf(spanSizeOf(rows));

const spanSizeOf = (rows: number): number => 2 ** Math.max(LEVEL_MIN, 32 - Math.clz32(rows));
const extremesOf = (size: number): number => 2 * ((2 * size) >> LEVEL_MIN);

/** Returns the place of a span that has the rows `[from, to)`. */
export function spanOf({ size }: Spans, from: number, to: number): number {
  const level = 32 - Math.clz32((to - 1 - from) | SPAN_BIT);
  return 2 * ((from + size) >> level);
}

/** The nodes of a binary tree over the rows, each with its neighbour to the right. */
function fillExtremes({ size, extremes }: Spans, closeNanos: Float64Array): void {
  const rows = closeNanos.length;
  const nodes = extremes.length / 2;
  for (let node = 0; node < nodes; node += 1) {
    extremes[2 * node] = Number.NEGATIVE_INFINITY;
    extremes[2 * node + 1] = Number.POSITIVE_INFINITY;
  }
  for (let row = 0; row < rows; row += 1) {
    const close = closeNanos[row] as number;
    widen(extremes, (row + size) >> LEVEL_MIN, close, close);
  }
  for (let node = nodes - 1; node > 1; node -= 1) include(extremes, node >> 1, node);
  for (let node = 1; node < nodes; node += 1) {
    const isLastOfLevel = (node & (node + 1)) === 0;
    if (!isLastOfLevel) include(extremes, node, node + 1);
  }
}

function include(extremes: Float64Array, node: number, other: number): void {
  widen(extremes, node, extremes[2 * other] as number, extremes[2 * other + 1] as number);
}

function widen(extremes: Float64Array, node: number, high: number, low: number): void {
  if (high > (extremes[2 * node] as number)) extremes[2 * node] = high;
  if (low < (extremes[2 * node + 1] as number)) extremes[2 * node + 1] = low;
}

/** Rows whose returns are those of the price, one stretch after the other: first row, and the one after the last. */
export interface Stretches {
  readonly from: Int32Array;
  readonly to: Int32Array;
  count: number;
}

/** Adds the returns of stretches to sums, {@link RETURN_SUMS} numbers from a place on. */
export function addReturns(
  to: Float64Array,
  place: number,
  sums: Float64Array,
  stretches: Stretches,
): void {
  let [sum1, sum2, sum3, sum4, sum5] = [0, 0, 0, 0, 0];
  for (let at = 0; at < stretches.count; at += 1) {
    const begin = ((stretches.from[at] as number) - 1) * RETURN_SUMS;
    const end = ((stretches.to[at] as number) - 1) * RETURN_SUMS;
    sum1 += (sums[end] as number) - (sums[begin] as number);
    sum2 += (sums[end + 1] as number) - (sums[begin + 1] as number);
    sum3 += (sums[end + 2] as number) - (sums[begin + 2] as number);
    sum4 += (sums[end + 3] as number) - (sums[begin + 3] as number);
    sum5 += (sums[end + 4] as number) - (sums[begin + 4] as number);
  }
  for (const [offset, sum] of [sum1, sum2, sum3, sum4, sum5].entries()) {
    to[place + offset] = (to[place + offset] as number) + sum;
  }
}

/**
 * Adds up with what each addition loses, so that a difference of two rows is as good as a sum of its own.
 * @source A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974.
 */
function fillSums(sums: Float64Array, close: Float64Array): void {
  const high = new Float64Array(RETURN_SUMS);
  const low = new Float64Array(RETURN_SUMS);
  const terms = new Float64Array(RETURN_SUMS);
  for (let row = 1; row < close.length; row += 1) {
    const change = (close[row] as number) / (close[row - 1] as number) - 1;
    const square = change * change;
    const twice = change - Math.abs(change);
    terms[0] = change;
    terms[1] = square;
    terms[2] = square * change;
    terms[3] = square * square;
    terms[4] = twice * twice;
    for (let at = 0; at < RETURN_SUMS; at += 1) {
      const term = terms[at] as number;
      const before = high[at] as number;
      const after = before + term;
      const lost =
        Math.abs(before) >= Math.abs(term) ? before - after + term : term - after + before;
      high[at] = after;
      low[at] = (low[at] as number) + lost;
      sums[row * RETURN_SUMS + at] = after + (low[at] as number);
    }
  }
}
