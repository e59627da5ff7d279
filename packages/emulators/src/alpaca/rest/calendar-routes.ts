import {
  type Calendar,
  newYorkDayOf,
  newYorkOffsetUs,
  partsOfDay,
  type Session,
} from '@capstan/calendar';
import { US_PER_SECOND } from '@capstan/domain';
import type { FastifyInstance } from 'fastify';
import { ExtendedCalendar } from '../../exchange/extended-calendar.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { utcText } from '../wire-text.ts';
import { listOf, type Query, textOf, timeOf } from './query.ts';

/** What Alpaca says of the markets that its newer routes are asked for: all trade by New York's sessions. */
const MARKET = {
  acronym: 'NYSE',
  bic: 'XNYS',
  mic: 'XNYS',
  name: 'New York Stock Exchange',
  timezone: 'America/New_York',
};

/** Adds the routes of the clock and the calendar. */
export function addCalendarRoutes(app: FastifyInstance, context: EmulatorContext): void {
  const extended = new ExtendedCalendar(context.calendar);
  app.get('/v2/clock', () => clockJson(context));
  app.get('/v2/calendar', ({ query }) => calendarJson(context, query as Query));
  app.get('/v3/clock', ({ query }) => {
    const markets = listOf(query as Query, 'markets');
    const atUs = timeOf(query as Query, 'time') ?? toldUs(context);
    return {
      clocks: markets.map((acronym) => marketClock(context.calendar, extended, acronym, atUs)),
    };
  });
  app.get<{ Params: { market: string } }>('/v3/calendar/:market', ({ params, query }) => ({
    market: { ...MARKET, acronym: params.market },
    calendar: sessionsOf(context, query as Query).map((session) => marketDay(extended, session)),
  }));
}

/** The time that the vendor's clock tells. */
function toldUs({ faults, now }: EmulatorContext): number {
  return now() + (faults.find('clockOffset')?.offsetSeconds ?? 0) * US_PER_SECOND;
}

function marketClock(calendar: Calendar, extended: Calendar, acronym: string, atUs: number) {
  const session = calendar.sessionAt(atUs);
  const around = extended.sessionAt(atUs);
  const day = around === undefined ? undefined : calendar.session(around.date);
  const phase =
    session !== undefined
      ? 'core'
      : day === undefined
        ? 'closed'
        : atUs < day.openUs
          ? 'pre'
          : 'post';
  const until = {
    core: session?.closeUs,
    pre: day?.openUs,
    post: around?.closeUs,
    closed: undefined,
  }[phase];
  return {
    market: { ...MARKET, acronym },
    timestamp: newYorkText(atUs),
    is_market_day: calendar.session(newYorkText(atUs).slice(0, 10)) !== undefined,
    next_market_open: newYorkText(calendar.nextOpen(atUs + (session === undefined ? 0 : 1))),
    next_market_close: newYorkText((session ?? calendar.sessionAtOrAfter(atUs)).closeUs),
    phase,
    phase_until: newYorkText(until ?? extended.nextOpen(atUs)),
  };
}

function marketDay(extended: Calendar, { date, openUs, closeUs }: Session) {
  const around = extended.session(date);
  return {
    date,
    core_start: newYorkText(openUs),
    core_end: newYorkText(closeUs),
    pre_start: newYorkText(around?.openUs ?? openUs),
    pre_end: newYorkText(openUs),
    post_start: newYorkText(closeUs),
    post_end: newYorkText(around?.closeUs ?? closeUs),
    settlement_date: extended.nextSession(date).date,
  };
}

function clockJson(context: EmulatorContext): Record<string, unknown> {
  const { calendar } = context;
  const nowUs = toldUs(context);
  const session = calendar.sessionAt(nowUs);
  const nextClose = (session ?? calendar.sessionAtOrAfter(nowUs)).closeUs;
  return {
    timestamp: newYorkText(nowUs),
    is_open: session !== undefined,
    next_open: newYorkText(calendar.nextOpen(nowUs + (session === undefined ? 0 : 1))),
    next_close: newYorkText(nextClose),
  };
}

/** Writes a time as New York's clocks show it, with what they differ from UTC. */
export function newYorkText(us: number): string {
  const offsetUs = newYorkOffsetUs(us);
  const hours = String(Math.abs(offsetUs) / 3_600_000_000).padStart(2, '0');
  return `${utcText(us + offsetUs).replace('Z', '')}-${hours}:00`;
}

const CALENDAR_DAYS_MAX = 3_660;

function calendarJson(context: EmulatorContext, query: Query): readonly unknown[] {
  const time = (us: number): string => newYorkText(us).slice(11, 16);
  return sessionsOf(context, query).map(({ date, openUs, closeUs, earlyClose }) => ({
    date,
    open: time(openUs),
    close: time(closeUs),
    session_open: '0400',
    session_close: earlyClose ? '1700' : '2000',
    settlement_date: context.calendar.nextSession(date).date,
  }));
}

/** Returns the sessions that a request asks for: those of the year unless it says otherwise. */
function sessionsOf({ calendar, now }: EmulatorContext, query: Query): readonly Session[] {
  const { year } = partsOfDay(newYorkDayOf(now()));
  const start = textOf(query, 'start')?.slice(0, 10) ?? `${year}-01-01`;
  const end = textOf(query, 'end')?.slice(0, 10) ?? `${year}-12-31`;
  const found: Session[] = [];
  const first = calendar.session(start) ?? calendar.nextSession(start);
  for (let session = first; session.date <= end; session = calendar.nextSession(session.date)) {
    if (found.length === CALENDAR_DAYS_MAX) break;
    found.push(session);
  }
  return found;
}
