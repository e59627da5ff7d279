export {
  type CivilDate,
  type CivilParts,
  dateOfDay,
  dayNumber,
  dayOf,
  partsOfDay,
  utcDayOf,
  WEEKDAYS,
  type Weekday,
  weekdayOfDay,
} from './civil-date.ts';
export { CALENDAR_ERRORS } from './error-codes.ts';
export { CALENDAR_DATE, CALENDAR_RANGE, CALENDAR_UNKNOWN } from './errors.ts';
export { CALENDAR_NAMES, CalendarBook, getCalendar } from './get-calendar.ts';
export { ALWAYS_OPEN_SESSIONS_PER_YEAR, EXCHANGE_SESSIONS_PER_YEAR } from './limits.ts';
export { newYorkDayOf, newYorkOffsetUs, newYorkTimeUs } from './new-york.ts';
export { ScheduleGate } from './schedule-gate.ts';
export type { Calendar, Session } from './session.ts';
export {
  type KillRule,
  nextSessionEvent,
  SESSION_EVENTS,
  type SessionEvent,
  type SessionEventKind,
  type SessionTimes,
  sessionDay,
  sessionEvents,
} from './session-day.ts';
export { localDateOf, localTimeOf, type SessionState, sessionState } from './session-state.ts';
export { zoneOffsetUs } from './time-zone.ts';
export { barsPerYear } from './trading-year.ts';
