import type { Calendar, CivilDate } from '@capstan/calendar';

/**
 * Returns the first index from which on times belong to a date or a later one, `times.length` where there is none.
 * @param times rising, microseconds. @param offsetUs added to each time before it is asked.
 */
export function firstIndexOn(
  times: Float64Array,
  date: CivilDate,
  { calendar, offsetUs }: { readonly calendar: Calendar; readonly offsetUs: number },
): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (calendar.tradeDate((times[middle] ?? 0) + offsetUs) < date) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the first row of a symbol's bars that starts on a date's session or later. */
export function firstRowOn(startUs: Float64Array, date: CivilDate, calendar: Calendar): number {
  return firstIndexOn(startUs, date, { calendar, offsetUs: 0 });
}

/** Returns the first slice whose bars are of a date's session or later: bars that end with a session are of it. */
export function firstSliceOn(endUs: Float64Array, date: CivilDate, calendar: Calendar): number {
  return firstIndexOn(endUs, date, { calendar, offsetUs: -1 });
}
