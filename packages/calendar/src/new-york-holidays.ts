import {
  type CivilDate,
  dayOf,
  partsOfDay,
  WEEKDAYS,
  weekdayFrom,
  weekdayOfDay,
  weekdayUntil,
} from './civil-date.ts';
import { easterSunday } from './easter.ts';

const { sunday, monday, wednesday, thursday, friday, saturday } = WEEKDAYS;
const FIRST_JUNETEENTH = 2022;
/** From this year, the day before a Thursday's Independence Day closes early, no longer the day after. */
const FIRST_EARLY_WEDNESDAY = 2013;

/** Days on which the exchange stayed closed once, for a reason of their own. */
export const SPECIAL_CLOSURES: Readonly<Record<CivilDate, string>> = {
  '2001-09-11': 'attacks of September 11',
  '2001-09-12': 'attacks of September 11',
  '2001-09-13': 'attacks of September 11',
  '2001-09-14': 'attacks of September 11',
  '2004-06-11': 'mourning for Ronald Reagan',
  '2007-01-02': 'mourning for Gerald Ford',
  '2012-10-29': 'hurricane Sandy',
  '2012-10-30': 'hurricane Sandy',
  '2018-12-05': 'mourning for George H. W. Bush',
  '2025-01-09': 'mourning for Jimmy Carter',
};

/** Days that closed early once, outside the rules. */
export const SPECIAL_EARLY_CLOSES: Readonly<Record<CivilDate, string>> = {
  '1999-12-31': 'eve of the year 2000',
  '2003-12-26': 'day after Christmas',
};

/** Days that opened late once: minutes after midnight. */
export const SPECIAL_OPENS: Readonly<Record<CivilDate, number>> = {
  // First anniversary of September 11: opened at noon, after the ceremonies.
  '2002-09-11': 12 * 60,
};

/**
 * Returns the regular holiday that New York's exchanges keep on a day, `undefined` where there is none. Special closures are not
 * among them.
 * @source NYSE Rule 7.2: a holiday on a Saturday is kept on the Friday before unless that ends a yearly or monthly
 * accounting period (which only New Year's Day does), on a Sunday on the Monday after.
 */
export function regularHoliday(dayNumber: number): string | undefined {
  const { year, month } = partsOfDay(dayNumber);
  const is = (day: number, name: string) => (dayNumber === day ? name : undefined);
  switch (month) {
    case 1:
      if (isNewYear(dayNumber, year)) return "New Year's Day";
      return is(nthMonday(year, 1, 3), 'Martin Luther King Jr. Day');
    case 2:
      return is(nthMonday(year, 2, 3), "Washington's Birthday");
    case 3:
    case 4:
      return is(easterSunday(year) - 2, 'Good Friday');
    case 5:
      return is(weekdayUntil(dayOf(year, 5, 31), monday), 'Memorial Day');
    case 6:
      return year < FIRST_JUNETEENTH ? undefined : is(observed(dayOf(year, 6, 19)), 'Juneteenth');
    case 7:
      return is(observed(dayOf(year, 7, 4)), 'Independence Day');
    case 9:
      return is(nthMonday(year, 9, 1), 'Labor Day');
    case 11:
      return is(thanksgiving(year), 'Thanksgiving Day');
    case 12:
      return is(observed(dayOf(year, 12, 25)), 'Christmas Day');
    default:
      return undefined;
  }
}

/**
 * Tells whether the rules make a trading day end at 13:00: the day after Thanksgiving, Christmas Eve from Monday to
 * Thursday, and a day beside Independence Day. Asks nothing about holidays.
 */
export function isRegularEarlyClose(dayNumber: number): boolean {
  const { year, month, day } = partsOfDay(dayNumber);
  const weekday = weekdayOfDay(dayNumber);
  if (month === 11) return dayNumber === thanksgiving(year) + 1;
  if (month === 12) return day === 24 && weekday >= monday && weekday <= thursday;
  if (month !== 7) return false;
  if (day === 5) return weekday === friday && year < FIRST_EARLY_WEDNESDAY;
  if (day !== 3 || weekday < monday || weekday > thursday) return false;
  return weekday !== wednesday || year >= FIRST_EARLY_WEDNESDAY;
}

function isNewYear(dayNumber: number, year: number): boolean {
  const first = dayOf(year, 1, 1);
  return dayNumber === (weekdayOfDay(first) === sunday ? first + 1 : first);
}

function observed(dayNumber: number): number {
  const weekday = weekdayOfDay(dayNumber);
  if (weekday === saturday) return dayNumber - 1;
  return weekday === sunday ? dayNumber + 1 : dayNumber;
}

function nthMonday(year: number, month: number, nth: number): number {
  return weekdayFrom(dayOf(year, month, 1), monday) + (nth - 1) * 7;
}

function thanksgiving(year: number): number {
  return weekdayFrom(dayOf(year, 11, 22), thursday);
}
