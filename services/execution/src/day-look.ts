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

/** The least change of a count that is a split's, as a logarithm: fees in kind and somebody's few shares are less, and so are most nights. */
const LEAST_SPLIT = 0.01;

/**
 * Tells whether a count that no trade has changed explains most of how far the price has moved, as a split's does: by it the greater part of
 * the move is none. What somebody else traded leaves the move as it is, and a fall beside an unchanged count is a fall.
 */
export function isLikeSplit({ expected, shown, beforeNanos, afterNanos }: Restated): boolean {
  if (expected === 0 || shown / expected <= 0) return false;
  const [counted, moved] = [Math.log(shown / expected), Math.log(afterNanos / beforeNanos)];
  if (Math.abs(counted) < LEAST_SPLIT) return false;
  const left = moved + counted;
  return Math.abs(left) * 2 < Math.abs(moved);
}
