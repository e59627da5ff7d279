import { timeUs } from '@capstan/domain';
import { dateOfDay, WEEKDAYS, weekdayOfDay } from './civil-date.ts';
import { FIRST_EXCHANGE_YEAR, LAST_YEAR } from './limits.ts';
import { newYorkDayOf, newYorkTimeUs } from './new-york.ts';
import {
  isRegularEarlyClose,
  regularHoliday,
  SPECIAL_CLOSURES,
  SPECIAL_EARLY_CLOSES,
  SPECIAL_OPENS,
} from './new-york-holidays.ts';
import type { Session } from './session.ts';
import type { SessionRules } from './session-rules.ts';

const OPEN_MINUTE = 9 * 60 + 30;
const CLOSE_MINUTE = 16 * 60;
const EARLY_CLOSE_MINUTE = 13 * 60;

/** The regular sessions of the New York Stock Exchange and Nasdaq: 09:30 to 16:00 in New York. */
export const NEW_YORK_SESSIONS: SessionRules = {
  name: 'XNYS',
  timeZone: 'America/New_York',
  firstYear: FIRST_EXCHANGE_YEAR,
  lastYear: LAST_YEAR,
  localDay: newYorkDayOf,
  sessionOf: newYorkSession,
  closureOf: newYorkClosure,
};

function newYorkClosure(dayNumber: number): string | undefined {
  const weekday = weekdayOfDay(dayNumber);
  if (weekday === WEEKDAYS.saturday || weekday === WEEKDAYS.sunday) return 'weekend';
  return regularHoliday(dayNumber) ?? SPECIAL_CLOSURES[dateOfDay(dayNumber)];
}

function newYorkSession(dayNumber: number): Session | undefined {
  if (newYorkClosure(dayNumber) !== undefined) return undefined;
  const date = dateOfDay(dayNumber);
  const earlyClose = isRegularEarlyClose(dayNumber) || Object.hasOwn(SPECIAL_EARLY_CLOSES, date);
  const closeMinute = earlyClose ? EARLY_CLOSE_MINUTE : CLOSE_MINUTE;
  return {
    date,
    openUs: timeUs(newYorkTimeUs(dayNumber, SPECIAL_OPENS[date] ?? OPEN_MINUTE)),
    closeUs: timeUs(newYorkTimeUs(dayNumber, closeMinute)),
    earlyClose,
  };
}
