import type { Calendar, Session } from '@capstan/calendar';
import { type LakeBars, takeRows } from './lake-bars.ts';

/**
 * Returns the open of the session that each bar lies in, NaN for a bar that does not lie wholly in one.
 * @param shared whether the memory is a SharedArrayBuffer.
 * @throws CALENDAR.RANGE where a bar lies outside the calendar's years.
 */
export function sessionOpens(bars: LakeBars, calendar: Calendar, shared = false): Float64Array {
  const rows = bars.startUs.length;
  const opens = shared ? new Float64Array(new SharedArrayBuffer(rows * 8)) : new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    opens[row] = wholeSession(bars, row, calendar)?.openUs ?? Number.NaN;
  }
  return opens;
}

/**
 * Returns the bars that lie wholly in a session of the calendar; the same object where all do.
 * @throws CALENDAR.RANGE where a bar lies outside the calendar's years.
 */
export function regularBars(bars: LakeBars, calendar: Calendar, shared = false): LakeBars {
  const rows = new Uint32Array(bars.startUs.length);
  let count = 0;
  for (let row = 0; row < rows.length; row += 1) {
    if (wholeSession(bars, row, calendar) === undefined) continue;
    rows[count] = row;
    count += 1;
  }
  return count === rows.length ? bars : takeRows(bars, rows.subarray(0, count), shared);
}

function wholeSession(bars: LakeBars, row: number, calendar: Calendar): Session | undefined {
  const session = calendar.sessionAt(bars.startUs[row] ?? 0);
  return session !== undefined && (bars.endUs[row] ?? 0) <= session.closeUs ? session : undefined;
}
