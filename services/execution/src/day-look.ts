import type { CivilDate } from '@capstan/calendar';
import type { PriceNanos } from '@capstan/domain';

/** How the books of a symbol stood to its broker once a trade date had begun. */
export interface DayLook {
  readonly date: CivilDate;
  /** What the broker held beyond the books, such as somebody else's; signed. */
  readonly apart: number;
}

/** What a count and a price have become from one trade date to a later one. */
export interface Restated {
  /** What the broker would hold had nothing happened but what is booked; signed. */
  readonly expected: number;
  readonly shown: number;
  /** The last price of the one date, and the first of the other. */
  readonly beforeNanos: PriceNanos;
  readonly afterNanos: PriceNanos;
}

/**
 * Tells whether a count that no trade has changed explains most of how far the price has moved, as a split's does: by it the greater part of
 * the move is none. What somebody else traded leaves the move as it is, and a fall beside an unchanged count is a fall.
 */
export function isLikeSplit({ expected, shown, beforeNanos, afterNanos }: Restated): boolean {
  if (expected === 0 || shown / expected <= 0) return false;
  const moved = Math.log(afterNanos / beforeNanos);
  const left = moved + Math.log(shown / expected);
  return Math.abs(left) * 2 < Math.abs(moved);
}
