import type { BarSlice, Mark } from '@capstan/domain';

/** Returns the last closes after a slice. Sorted by symbol. */
export function marksAfter(before: readonly Mark[], slice: BarSlice): readonly Mark[] {
  const marks = new Map(before.map((mark) => [mark.symbol, mark]));
  for (const { symbol, closeNanos, endUs } of slice.bars) {
    marks.set(symbol, { symbol, priceNanos: closeNanos, barEndUs: endUs });
  }
  return [...marks.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}
