/** Powers of a return that are added up, and the square of what of it is a loss. */
export const RETURN_SUMS = 5;
/** Rows whose highest and lowest close are kept: two to the power of this. */
export const BLOCK_BITS = 5;

/** Columns of the bars that all combinations of a sweep share. */
export interface SweepColumns {
  readonly closeNanos: Float64Array;
  /**
   * Of each row {@link RETURN_SUMS} numbers: the sums, from the first row to this one, of the change of the close from bar to bar, its
   * second, third and fourth power, and twice its loss squared.
   */
  readonly sums: Float64Array;
  /** Highest and lowest close of each block of rows. */
  readonly highs: Float64Array;
  readonly lows: Float64Array;
}

/** Works them out. */
export function sweepColumns(closeNanos: Float64Array): SweepColumns {
  const blocks = (closeNanos.length >> BLOCK_BITS) + 1;
  const highs = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY);
  const lows = new Float64Array(blocks).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < closeNanos.length; row += 1) {
    const close = closeNanos[row] as number;
    const block = row >> BLOCK_BITS;
    if (close > (highs[block] as number)) highs[block] = close;
    if (close < (lows[block] as number)) lows[block] = close;
  }
  return { closeNanos, sums: runningSums(closeNanos), highs, lows };
}

/** Returns the number of the block that has a row. */
export const blockOf = (row: number): number => row >> BLOCK_BITS;

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
function runningSums(close: Float64Array): Float64Array {
  const sums = new Float64Array(close.length * RETURN_SUMS);
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
  return sums;
}
