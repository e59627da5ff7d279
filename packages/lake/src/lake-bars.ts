import type { BarColumns } from '@capstan/indicators';

/**
 * Bars of one symbol and timeframe as columns of one length, strictly increasing in time.
 * `startUs` and `endUs` are UTC microseconds; prices are nanos, volume is at the instrument's quantity scale: integers below
 * 2^53, never NaN.
 */
export interface LakeBars extends BarColumns {
  readonly startUs: Float64Array;
}

/** The columns that every bar has, in the order in which they are stored and hashed. */
export const LAKE_COLUMNS = [
  'startUs',
  'endUs',
  'openNanos',
  'highNanos',
  'lowNanos',
  'closeNanos',
  'volume',
] as const;
export type LakeColumn = (typeof LAKE_COLUMNS)[number];

/**
 * Allocates columns of zeros.
 * @param shared whether the memory is a SharedArrayBuffer, which worker threads see without a copy.
 */
export function newLakeBars(rows: number, shared = false): LakeBars {
  const column = (): Float64Array =>
    shared ? new Float64Array(new SharedArrayBuffer(rows * 8)) : new Float64Array(rows);
  return {
    startUs: column(),
    endUs: column(),
    openNanos: column(),
    highNanos: column(),
    lowNanos: column(),
    closeNanos: column(),
    volume: column(),
  };
}

/** Returns rows `[from, to)` as views: no copy. */
export function viewRows(bars: LakeBars, from: number, to: number): LakeBars {
  return mapColumns(bars, (column) => column.subarray(from, to));
}

/** Returns the rows at `rows`, in that order, as a copy. */
export function takeRows(bars: LakeBars, rows: Uint32Array, shared = false): LakeBars {
  const taken = newLakeBars(rows.length, shared);
  for (const name of LAKE_COLUMNS) {
    const from = bars[name];
    const to = taken[name];
    for (let row = 0; row < rows.length; row += 1) to[row] = from[rows[row] ?? 0] ?? 0;
  }
  return taken;
}

/** Puts bars one after the other, as a copy. */
export function joinBars(parts: readonly LakeBars[], shared = false): LakeBars {
  const joined = newLakeBars(
    parts.reduce((rows, part) => rows + part.endUs.length, 0),
    shared,
  );
  let at = 0;
  for (const part of parts) {
    for (const name of LAKE_COLUMNS) joined[name].set(part[name], at);
    at += part.endUs.length;
  }
  return joined;
}

/** Returns the first row that starts at or after a time; the number of rows where there is none. */
export function firstRowFrom(bars: LakeBars, us: number): number {
  let low = 0;
  let high = bars.startUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bars.startUs[middle] ?? 0) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mapColumns(bars: LakeBars, change: (column: Float64Array) => Float64Array): LakeBars {
  return {
    startUs: change(bars.startUs),
    endUs: change(bars.endUs),
    openNanos: change(bars.openNanos),
    highNanos: change(bars.highNanos),
    lowNanos: change(bars.lowNanos),
    closeNanos: change(bars.closeNanos),
    volume: change(bars.volume),
  };
}
