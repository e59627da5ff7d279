import { timeUs, US_PER_DAY } from '@capstan/domain';
import { dateOfDay, utcDayOf } from './civil-date.ts';
import { FIRST_EPOCH_YEAR, LAST_YEAR } from './limits.ts';
import type { SessionRules } from './session-rules.ts';

/** The market that never closes: a session is a UTC day, and the next begins as it ends. */
export const ALWAYS_OPEN: SessionRules = {
  name: '24x7',
  timeZone: 'UTC',
  firstYear: FIRST_EPOCH_YEAR,
  lastYear: LAST_YEAR,
  localDay: utcDayOf,
  sessionOf: (dayNumber) => ({
    date: dateOfDay(dayNumber),
    openUs: timeUs(dayNumber * US_PER_DAY),
    closeUs: timeUs((dayNumber + 1) * US_PER_DAY),
    earlyClose: false,
  }),
  closureOf: () => undefined,
};
