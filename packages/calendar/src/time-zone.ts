import { type TimeZone, US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import { dayOf, partsOfDay, WEEKDAYS, weekdayUntil } from './civil-date.ts';
import { unitedStatesOffsetUs } from './new-york.ts';

const HOUR_US = 60 * US_PER_MINUTE;

/** What a zone's clocks add to UTC in winter, and by whose rules they change. */
interface ZoneRules {
  readonly standardUs: number;
  readonly changes: 'never' | 'unitedStates' | 'europe';
}

const ZONES: Readonly<Record<TimeZone, ZoneRules>> = {
  UTC: { standardUs: 0, changes: 'never' },
  'America/New_York': { standardUs: -5 * HOUR_US, changes: 'unitedStates' },
  'America/Chicago': { standardUs: -6 * HOUR_US, changes: 'unitedStates' },
  'America/Denver': { standardUs: -7 * HOUR_US, changes: 'unitedStates' },
  'America/Los_Angeles': { standardUs: -8 * HOUR_US, changes: 'unitedStates' },
  'Europe/London': { standardUs: 0, changes: 'europe' },
  'Europe/Berlin': { standardUs: HOUR_US, changes: 'europe' },
  'Asia/Hong_Kong': { standardUs: 8 * HOUR_US, changes: 'never' },
  'Asia/Singapore': { standardUs: 8 * HOUR_US, changes: 'never' },
  'Asia/Tokyo': { standardUs: 9 * HOUR_US, changes: 'never' },
};

/**
 * Returns what a zone's clocks add to UTC at a time, in microseconds.
 * @param us from 1998: older rules differ.
 */
export function zoneOffsetUs(zone: TimeZone, us: number): number {
  const { standardUs, changes } = ZONES[zone];
  if (changes === 'never') return standardUs;
  if (changes === 'unitedStates') return unitedStatesOffsetUs(us, standardUs);
  return standardUs + (isEuropeanSummer(us) ? HOUR_US : 0);
}

/**
 * All of Europe changes at one instant: 01:00 UTC on the last Sundays of March and October.
 * @source Directive 2000/84/EC, articles 2 and 3.
 */
function isEuropeanSummer(us: number): boolean {
  const { year } = partsOfDay(Math.floor(us / US_PER_DAY));
  const spring = weekdayUntil(dayOf(year, 3, 31), WEEKDAYS.sunday) * US_PER_DAY + HOUR_US;
  const autumn = weekdayUntil(dayOf(year, 10, 31), WEEKDAYS.sunday) * US_PER_DAY + HOUR_US;
  return us >= spring && us < autumn;
}
