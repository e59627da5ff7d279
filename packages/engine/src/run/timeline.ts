/** The slices of a run and where each symbol's bars lie in them. */
export interface Timeline {
  /** Ends of all bars, each once, in order. Microseconds. */
  readonly endUs: Float64Array;
  /** For each symbol the slice of each of its rows; `undefined` where row and slice are the same number. */
  readonly sliceOfRow: readonly (Int32Array | undefined)[];
}

/**
 * Merges the ends of bars to a timeline.
 * @param columns rising, one for each symbol.
 * @complexity a pass over each column where all of them agree, else a merge for each that brings new times.
 */
export function mergeTimeline(columns: readonly Float64Array[]): Timeline {
  let endUs = columns[0] ?? new Float64Array(0);
  for (const column of columns) if (!sameTimes(endUs, column)) endUs = union(endUs, column);
  return { endUs, sliceOfRow: columns.map((column) => slicesOf(column, endUs)) };
}

function sameTimes(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

function union(a: Float64Array, b: Float64Array): Float64Array {
  const merged = new Float64Array(a.length + b.length);
  let count = 0;
  let left = 0;
  let right = 0;
  while (left < a.length || right < b.length) {
    const fromLeft = a[left] ?? Number.POSITIVE_INFINITY;
    const fromRight = b[right] ?? Number.POSITIVE_INFINITY;
    if (fromLeft <= fromRight) left += 1;
    if (fromRight <= fromLeft) right += 1;
    merged[count] = Math.min(fromLeft, fromRight);
    count += 1;
  }
  return merged.slice(0, count);
}

function slicesOf(column: Float64Array, endUs: Float64Array): Int32Array | undefined {
  if (sameTimes(column, endUs)) return undefined;
  const slices = new Int32Array(column.length);
  let slice = 0;
  for (let row = 0; row < column.length; row += 1) {
    const end = column[row] ?? 0;
    while ((endUs[slice] ?? end) < end) slice += 1;
    slices[row] = slice;
  }
  return slices;
}
