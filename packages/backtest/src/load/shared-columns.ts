import type { SeriesColumns } from '@capstan/engine';

/** Returns bars on shared memory, which worker threads see without a copy; columns that are there already stay. */
export function sharedColumns<T extends SeriesColumns>(bars: T): T {
  const entries = Object.entries(bars).map(([name, column]) => [
    name,
    column instanceof Float64Array ? sharedColumn(column) : column,
  ]);
  return Object.fromEntries(entries) as T;
}

/** Returns a column on shared memory. */
export function sharedColumn(column: Float64Array): Float64Array {
  if (column.buffer instanceof SharedArrayBuffer) return column;
  const shared = new Float64Array(new SharedArrayBuffer(column.byteLength));
  shared.set(column);
  return shared;
}
