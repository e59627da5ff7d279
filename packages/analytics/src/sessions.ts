import type { Calendar, CivilDate } from '@capstan/calendar';
import { assert } from '@capstan/domain';

/** Gives the session date to which a bar belongs that ends at `endUs`; never an earlier date for a later bar. */
export type SessionDateOf = (endUs: number) => CivilDate;

/** The sessions of a column of bars: those that have a bar. */
export interface SessionIndex {
  /** Ascending. */
  readonly dates: readonly CivilDate[];
  /** Row of each session's last bar, ascending. */
  readonly lastRow: Int32Array;
}

/**
 * Finds the sessions of bars. A bar belongs to the trade date of the microsecond before its end, so that a bar which ends
 * with the session, or the one `1d` bar of a session, is in it. Sessions without a bar are absent.
 * @param endUs ends of bars, strictly ascending.
 * @param by the market's calendar, or a function for bars outside its years.
 * @throws CALENDAR.RANGE as the calendar does. @complexity O(bars)
 */
export function indexSessions(endUs: Float64Array, by: Calendar | SessionDateOf): SessionIndex {
  const spanOf = typeof by === 'function' ? (end: number) => [by(end), end] as const : spansOf(by);
  const dates: CivilDate[] = [];
  const lastRow: number[] = [];
  let row = 0;
  while (row < endUs.length) {
    const [date, untilUs] = spanOf(endUs[row] as number);
    const current = dates.at(-1);
    row = rowAfter(endUs, row, untilUs);
    if (date === current) {
      lastRow[lastRow.length - 1] = row - 1;
      continue;
    }
    if (current !== undefined) assert(date > current, `row ${row - 1}: ${date} after ${current}`);
    dates.push(date);
    lastRow.push(row - 1);
  }
  return { dates, lastRow: Int32Array.from(lastRow) };
}

/** Gives the date of a bar, and the last end of which that is so too: the calendar is asked once a session. */
function spansOf(calendar: Calendar): (endUs: number) => readonly [CivilDate, number] {
  return (endUs) => {
    const date = calendar.tradeDate(endUs - 1);
    return [date, calendar.session(date)?.closeUs ?? endUs];
  };
}

/** Returns the first row after `row` that ends after `untilUs`. @throws InvariantError where ends do not ascend. */
function rowAfter(endUs: Float64Array, row: number, untilUs: number): number {
  let before = row === 0 ? Number.NEGATIVE_INFINITY : (endUs[row - 1] as number);
  let next = row;
  do {
    const end = endUs[next] as number;
    if (!(end > before)) assert(false, `row ${next}: bar ends must ascend, ${end} after ${before}`);
    before = end;
    next += 1;
  } while (next < endUs.length && (endUs[next] as number) <= untilUs);
  return next;
}

/**
 * Returns the return of each session: its last equity ÷ the last of the session before − 1, the first against the initial
 * equity. A session that begins with no equity left has no return: NaN.
 * @param equity marked equity after each bar. @param initial equity before the first bar, above 0.
 * @returns a column of one number a session.
 */
export function sessionReturns(
  equity: Float64Array,
  initial: number,
  sessions: SessionIndex,
): Float64Array {
  assert(initial > 0, `equity begins above 0: ${initial}`);
  const returns = new Float64Array(sessions.lastRow.length);
  let before = initial;
  for (let session = 0; session < returns.length; session += 1) {
    const last = equity[sessions.lastRow[session] as number];
    if (last === undefined) assert(false, `session ${session} ends beyond the curve`);
    returns[session] = before > 0 ? last / before - 1 : Number.NaN;
    before = last;
  }
  return returns;
}

/** Returns the number of the session that has `row`, from 0. @complexity O(log sessions) */
export function sessionOfRow(sessions: SessionIndex, row: number): number {
  let low = 0;
  let high = sessions.lastRow.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sessions.lastRow[middle] as number) < row) low = middle + 1;
    else high = middle;
  }
  if (low >= sessions.lastRow.length) assert(false, `row ${row} is after the last session`);
  return low;
}
