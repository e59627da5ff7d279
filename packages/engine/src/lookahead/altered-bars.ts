import type { SeriesColumns } from '../run/series-columns.ts';

const FACTOR_LEAST = 0.5;
const MIX = 0x6d2b79f5;
const UINT32 = 2 ** 32;

/** Returns the bars up to a row, that one included. */
export function barsUntil(bars: SeriesColumns, row: number): SeriesColumns {
  return mapColumns(bars, (column) => column.slice(0, row + 1));
}

/**
 * Returns the bars with all after a row scaled by factors from a half to three halves, each bar by its own: another future
 * whose bars are sound.
 * @param seed equal seeds, equal futures.
 */
export function barsWithOtherFuture(bars: SeriesColumns, row: number, seed: number): SeriesColumns {
  const altered = mapColumns(bars, (column) => column.slice());
  const { openNanos, highNanos, lowNanos, closeNanos, volume } = altered;
  for (let at = row + 1; at < altered.endUs.length; at += 1) {
    const factor = FACTOR_LEAST + fractionOf(seed, at);
    for (const column of [openNanos, highNanos, lowNanos, closeNanos, volume]) {
      column[at] = Math.max(1, Math.round((column[at] ?? 0) * factor));
    }
  }
  return altered;
}

function mapColumns(
  bars: SeriesColumns,
  map: (column: Float64Array) => Float64Array,
): SeriesColumns {
  const { sessionOpenUs } = bars;
  return {
    startUs: map(bars.startUs),
    endUs: map(bars.endUs),
    openNanos: map(bars.openNanos),
    highNanos: map(bars.highNanos),
    lowNanos: map(bars.lowNanos),
    closeNanos: map(bars.closeNanos),
    volume: map(bars.volume),
    ...(sessionOpenUs === undefined ? {} : { sessionOpenUs: map(sessionOpenUs) }),
  };
}

/** A number from 0 to below 1 that looks drawn: the finaliser of a mixing hash over seed and row. */
function fractionOf(seed: number, row: number): number {
  let mixed = (Math.imul(seed + 1, MIX) ^ Math.imul(row + 1, 0x85ebca6b)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / UINT32;
}
