import { type TimeUs, type TimeZone, US_PER_DAY } from '@capstan/domain';
import { type CivilDate, dateOfDay } from './civil-date.ts';
import type { Calendar, Session } from './session.ts';
import { nextSessionEvent, type SessionEvent, type SessionTimes } from './session-day.ts';
import { zoneOffsetUs } from './time-zone.ts';

/** How a market stands at a time. */
export interface SessionState {
  readonly calendar: string;
  readonly timeZone: TimeZone;
  readonly atUs: TimeUs;
  /** The date on the exchange's wall. */
  readonly localDate: CivilDate;
  readonly isOpen: boolean;
  /** Why the local date has no session: `weekend`, or the holiday's name. */
  readonly closure?: string;
  /** The session that is on, or the next one to open. */
  readonly session: Session;
  readonly next: SessionEvent;
}

/** Tells how a market stands. @throws CALENDAR.RANGE */
export function sessionState(calendar: Calendar, atUs: TimeUs, times: SessionTimes): SessionState {
  const { name, timeZone } = calendar;
  const localDate = localDateOf(timeZone, atUs);
  const closure = calendar.closure(localDate);
  return {
    calendar: name,
    timeZone,
    atUs,
    localDate,
    isOpen: calendar.isOpen(atUs),
    ...(closure === undefined ? {} : { closure }),
    session: calendar.sessionAtOrAfter(atUs),
    next: nextSessionEvent(calendar, atUs, times),
  };
}

/** Returns the date that a zone's wall shows. */
export function localDateOf(zone: TimeZone, us: number): CivilDate {
  return dateOfDay(Math.floor((us + zoneOffsetUs(zone, us)) / US_PER_DAY));
}

/** Returns the time of day that a zone's clocks show, as `HH:MM`. */
export function localTimeOf(zone: TimeZone, us: number): string {
  const localUs = us + zoneOffsetUs(zone, us);
  const minute = Math.floor((localUs - Math.floor(localUs / US_PER_DAY) * US_PER_DAY) / 60_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
