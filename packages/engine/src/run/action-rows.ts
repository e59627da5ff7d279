import type { Calendar, CivilDate } from '@capstan/calendar';

/** Returns the first row of a symbol's bars that starts on a date's session or later; their number where there is none. */
export function firstRowOn(startUs: Float64Array, date: CivilDate, calendar: Calendar): number {
  return firstIndex(startUs, (us) => calendar.tradeDate(us) >= date);
}

/**
 * Returns the first slice that ends after a date's session, or the next one, has opened; their number where there is none. A
 * slice that ends with a session is of it.
 */
export function firstSliceOn(endUs: Float64Array, date: CivilDate, calendar: Calendar): number {
  return firstIndex(endUs, (us) => {
    const found = calendar.tradeDate(us - 1);
    if (found < date) return false;
    const hasOpened = (calendar.session(found)?.openUs ?? us) < us;
    return hasOpened || calendar.previousSession(found).date >= date;
  });
}

/** @param isFrom false up to some time, true from there on. */
function firstIndex(times: Float64Array, isFrom: (us: number) => boolean): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isFrom(times[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
