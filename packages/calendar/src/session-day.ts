import {
  assert,
  minuteOfDay,
  type TimeUs,
  timeUs,
  US_PER_DAY,
  US_PER_MINUTE,
} from '@capstan/domain';
import { type CivilDate, dayNumber } from './civil-date.ts';
import type { Calendar, Session } from './session.ts';
import { zoneOffsetUs } from './time-zone.ts';

/** What happens on a day with a session, in the order in which it happens. */
export const SESSION_EVENTS = ['preMarket', 'open', 'killTime', 'close', 'endOfDay'] as const;
export type SessionEventKind = (typeof SESSION_EVENTS)[number];

/** One point of a day's schedule. */
export interface SessionEvent {
  readonly kind: SessionEventKind;
  /** The trade date whose day it belongs to. */
  readonly date: CivilDate;
  readonly atUs: TimeUs;
}

/** When everything is to be closed: at a time of day, or so long before the close. */
export type KillRule =
  | { readonly kind: 'at'; readonly time: string }
  | { readonly kind: 'beforeClose'; readonly minutes: number };

/** What of a day's schedule the calendar does not say. */
export interface SessionTimes {
  /** From the pre-market tasks to the open; fewer where the session before ends later. */
  readonly preMarketMinutes: number;
  /** From the close to the end of the day; fewer where the next day begins sooner. */
  readonly endOfDayMinutes: number;
  /** One that lies before the open counts from the open on; one at the close or later never comes. */
  readonly kills: readonly KillRule[];
}

/**
 * Returns the schedule of a date in order: pre-market tasks, open, kill times, close, end of day; empty where there is no session.
 * The days of a calendar never overlap: each ends before the next begins, or as it begins.
 * @throws CALENDAR.RANGE CALENDAR.DATE
 */
export function sessionDay(
  calendar: Calendar,
  date: CivilDate,
  times: SessionTimes,
): readonly SessionEvent[] {
  const session = calendar.session(date);
  if (session === undefined) return [];
  const event = (kind: SessionEventKind, atUs: number): SessionEvent => {
    return { kind, date, atUs: timeUs(atUs) };
  };
  const { openUs, closeUs } = session;
  const next = calendar.nextSession(date);
  const endUs = Math.min(
    closeUs + times.endOfDayMinutes * US_PER_MINUTE,
    preMarketUs(next, closeUs, times),
  );
  return [
    event('preMarket', preMarketUs(session, calendar.previousSession(date).closeUs, times)),
    event('open', openUs),
    ...killTimes(calendar, session, times.kills).map((us) => event('killTime', us)),
    event('close', closeUs),
    event('endOfDay', endUs),
  ];
}

function preMarketUs({ openUs }: Session, previousCloseUs: number, times: SessionTimes): number {
  return Math.max(previousCloseUs, openUs - times.preMarketMinutes * US_PER_MINUTE);
}

/** Returns the times at which rules close what is held, each once, in order. */
function killTimes(
  calendar: Calendar,
  { date, openUs, closeUs }: Session,
  kills: readonly KillRule[],
): readonly number[] {
  // No session has a change of clocks in it.
  const midnightUs = dayNumber(date) * US_PER_DAY - zoneOffsetUs(calendar.timeZone, openUs);
  const found = kills.map((rule) => {
    if (rule.kind === 'beforeClose') return closeUs - rule.minutes * US_PER_MINUTE;
    const minute = minuteOfDay(rule.time);
    assert(minute !== undefined, `'${rule.time}' is no time of day`);
    return midnightUs + minute * US_PER_MINUTE;
  });
  const within = found.map((us) => Math.max(us, openUs)).filter((us) => us < closeUs);
  return [...new Set(within)].sort((a, b) => a - b);
}

/** Returns what happens in `(afterUs, throughUs]`, in order. @throws CALENDAR.RANGE */
export function sessionEvents(
  calendar: Calendar,
  afterUs: number,
  throughUs: number,
  times: SessionTimes,
): readonly SessionEvent[] {
  const found: SessionEvent[] = [];
  // The day before may end after its successor's pre-market would begin, but never after that begins.
  let session = calendar.previousSession(calendar.sessionAtOrAfter(afterUs).date);
  for (;;) {
    const day = sessionDay(calendar, session.date, times);
    const first = day[0];
    if (first === undefined || first.atUs > throughUs) return found;
    found.push(...day.filter(({ atUs }) => atUs > afterUs && atUs <= throughUs));
    session = calendar.nextSession(session.date);
  }
}

/** Returns the first event after a time. @throws CALENDAR.RANGE */
export function nextSessionEvent(
  calendar: Calendar,
  us: number,
  times: SessionTimes,
): SessionEvent {
  let session = calendar.previousSession(calendar.sessionAtOrAfter(us).date);
  for (;;) {
    const found = sessionDay(calendar, session.date, times).find(({ atUs }) => atUs > us);
    if (found !== undefined) return found;
    session = calendar.nextSession(session.date);
  }
}
