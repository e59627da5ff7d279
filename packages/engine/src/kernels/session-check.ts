import type { Calendar } from '@capstan/calendar';
import type { SeriesColumns } from '../run/series-columns.ts';

/**
 * Tells whether every bar has a part inside a session of the calendar: where it has, what is decided at the close of a bar meets
 * the symbol's next bar or none.
 * @complexity a few questions for each session.
 */
export function areInSessions({ startUs, endUs }: SeriesColumns, calendar: Calendar): boolean {
  const rows = startUs.length;
  for (let row = 0; row < rows; ) {
    const { openUs, closeUs } = calendar.sessionAtOrAfter(startUs[row] ?? 0);
    if (openUs >= (endUs[row] ?? 0)) return false;
    row = firstFrom(startUs, row + 1, closeUs);
  }
  return true;
}

/** Returns the first row from `from` on that starts at `us` or later: steps double, then halve. */
function firstFrom(startUs: Float64Array, from: number, us: number): number {
  let low = from;
  let step = 1;
  while (low + step < startUs.length && (startUs[low + step] ?? 0) < us) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, startUs.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((startUs[middle] ?? 0) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}
