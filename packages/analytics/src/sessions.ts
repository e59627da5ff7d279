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
  const dateOf = typeof by === 'function' ? by : tradeDateOf(by);
  const dates: CivilDate[] = [];
  const lastRow: number[] = [];
  let before = Number.NEGATIVE_INFINITY;
  let current: CivilDate | undefined;
  for (let row = 0; row < endUs.length; row += 1) {
    const end = endUs[row] as number;
    if (!(end > before)) assert(false, `row ${row}: bar ends must ascend, ${end} after ${before}`);
    before = end;
    const date = dateOf(end);
    if (date === current) {
      lastRow[lastRow.length - 1] = row;
      continue;
    }
    if (current !== undefined && date < current) assert(false, `row ${row}: ${date} < ${current}`);
    current = date;
    dates.push(date);
    lastRow.push(row);
  }
  return { dates, lastRow: Int32Array.from(lastRow) };
}

/** Asks the calendar once a session for the bars that lie in it. */
function tradeDateOf(calendar: Calendar): SessionDateOf {
  let date: CivilDate = '';
  let afterUs = 0;
  let untilUs = 0;
  return (endUs) => {
    if (endUs > afterUs && endUs <= untilUs) return date;
    date = calendar.tradeDate(endUs - 1);
    afterUs = endUs - 1;
    untilUs = calendar.session(date)?.closeUs ?? endUs;
    return date;
  };
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
