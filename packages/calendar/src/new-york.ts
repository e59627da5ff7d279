import { US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import { dayOf, partsOfDay, WEEKDAYS, weekdayFrom, weekdayUntil } from './civil-date.ts';

const STANDARD_US = -300 * US_PER_MINUTE;
const DAYLIGHT_US = -240 * US_PER_MINUTE;
const HOUR_US = 60 * US_PER_MINUTE;

/** The days on which New York's clocks change in a year, as day numbers. */
export interface ClockChanges {
  /** Forward, at 02:00 standard time. */
  readonly springDay: number;
  /** Back, at 02:00 daylight time. */
  readonly autumnDay: number;
}

/**
 * Returns the days on which New York's clocks change: second Sunday of March and first of November from 2007, first
 * Sunday of April and last of October before.
 * @param year 1987 or later: older rules differ.
 * @source Energy Policy Act of 2005, section 110; Uniform Time Act as amended in 1986.
 */
export function clockChanges(year: number): ClockChanges {
  const sunday = WEEKDAYS.sunday;
  if (year >= 2007) {
    return {
      springDay: weekdayFrom(dayOf(year, 3, 8), sunday),
      autumnDay: weekdayFrom(dayOf(year, 11, 1), sunday),
    };
  }
  return {
    springDay: weekdayFrom(dayOf(year, 4, 1), sunday),
    autumnDay: weekdayUntil(dayOf(year, 10, 31), sunday),
  };
}

/**
 * Returns what clocks in a zone of the United States add to UTC at a time, in microseconds: they change on the same days, each
 * zone at its own 02:00.
 * @param standardUs what they add in winter.
 */
export function unitedStatesOffsetUs(us: number, standardUs: number): number {
  const { year } = partsOfDay(Math.floor((us + standardUs) / US_PER_DAY));
  const { springDay, autumnDay } = clockChanges(year);
  // Forward at 02:00 standard time, back at 02:00 daylight time.
  const springUs = springDay * US_PER_DAY + 2 * HOUR_US - standardUs;
  const autumnUs = autumnDay * US_PER_DAY + HOUR_US - standardUs;
  return us >= springUs && us < autumnUs ? standardUs + HOUR_US : standardUs;
}

/** Returns what New York's clocks add to UTC at a time, in microseconds: −5 or −4 hours. */
export function newYorkOffsetUs(us: number): number {
  return unitedStatesOffsetUs(us, STANDARD_US);
}

/** Returns the day number of New York's civil date at a time. */
export function newYorkDayOf(us: number): number {
  return Math.floor((us + newYorkOffsetUs(us)) / US_PER_DAY);
}

/**
 * Returns the time at which New York's clocks show `minuteOfDay` on a day, in microseconds since the epoch.
 * @param minuteOfDay minutes after local midnight, from 180: earlier ones may be skipped or doubled by a change.
 */
export function newYorkTimeUs(dayNumber: number, minuteOfDay: number): number {
  const { springDay, autumnDay } = clockChanges(partsOfDay(dayNumber).year);
  const offset = dayNumber >= springDay && dayNumber < autumnDay ? DAYLIGHT_US : STANDARD_US;
  return dayNumber * US_PER_DAY + minuteOfDay * US_PER_MINUTE - offset;
}
