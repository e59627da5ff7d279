import type { BarSlice, Mark } from '@capstan/domain';

/** Returns the last closes of some symbols after a slice. Sorted by symbol. */
export function marksAfter(
  before: readonly Mark[],
  slice: BarSlice,
  symbols: readonly string[],
): readonly Mark[] {
  const marks = new Map(before.map((mark) => [mark.symbol, mark]));
  for (const { symbol, closeNanos, endUs } of slice.bars) {
    if (!symbols.includes(symbol)) continue;
    marks.set(symbol, { symbol, priceNanos: closeNanos, barEndUs: endUs });
  }
  return [...marks.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}
