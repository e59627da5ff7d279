import type { SeriesColumns } from './series-columns.ts';

/** Returns the bars that start at a time or later. */
export function rowsFrom(bars: SeriesColumns, fromUs: number): SeriesColumns {
  const first = bars.startUs.findIndex((startUs) => startUs >= fromUs);
  const from = first < 0 ? bars.startUs.length : first;
  const cut = Object.entries(bars).map(([name, column]: [string, Float64Array]) => [
    name,
    column.subarray(from),
  ]);
  return Object.fromEntries(cut) as SeriesColumns;
}
