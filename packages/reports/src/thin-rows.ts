/** How a curve is thinned. */
export interface Thinning {
  /** Buckets of equally many rows, at most. */
  readonly bucketsMax: number;
  /** Rows that are kept in any case, ascending. */
  readonly always?: ArrayLike<number>;
}

/**
 * Chooses the rows of a curve to show: of each bucket the first and those with the lowest and highest value and the deepest
 * drawdown, the last row of all, and those that are always kept. Every row where there are no more than four a bucket.
 * @returns rows, ascending, each once. @complexity O(rows)
 */
export function thinRows(
  curve: Float64Array,
  below: Float64Array,
  { bucketsMax, always = [] }: Thinning,
): Int32Array {
  const rows = curve.length;
  if (rows <= bucketsMax * 4) return Int32Array.from({ length: rows }, (_, row) => row);
  const kept = new Uint8Array(rows);
  const size = Math.ceil(rows / bucketsMax);
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size);
    let low = from;
    let high = from;
    let deep = from;
    for (let row = from + 1; row < to; row += 1) {
      const value = curve[row] as number;
      if (value < (curve[low] as number)) low = row;
      if (value > (curve[high] as number)) high = row;
      if ((below[row] as number) < (below[deep] as number)) deep = row;
    }
    for (const row of [from, low, high, deep]) kept[row] = 1;
  }
  kept[rows - 1] = 1;
  for (let at = 0; at < always.length; at += 1) kept[always[at] as number] = 1;
  let count = 0;
  for (const flag of kept) count += flag;
  const chosen = new Int32Array(count);
  let next = 0;
  for (let row = 0; row < rows; row += 1) {
    if (kept[row] === 0) continue;
    chosen[next] = row;
    next += 1;
  }
  return chosen;
}
