import { type Calendar, ScheduleGate } from '@capstan/calendar';
import { type TimeUs, US_PER_MINUTE } from '@capstan/domain';
import type { ScopeLimits } from './limits.ts';

/** Why a time lies outside the window in which something may be added. */
export interface OutsideWindow {
  readonly reason: string;
  /** True where what is held is to be closed as well. */
  readonly closes: boolean;
  /** The close of the session for which it is closed; absent where it is for another reason. */
  readonly closeUs?: TimeUs;
}

type Window = Pick<
  ScopeLimits,
  'sessionStart' | 'sessionEnd' | 'killTime' | 'flatBeforeCloseMinutes'
>;

/**
 * Tells whether a time lies outside the window of limits; that it closes counts before that it does not.
 * @param us of the decision. @returns `undefined` within it. @throws CALENDAR.RANGE
 */
export function outsideWindow(
  { sessionStart, sessionEnd, killTime, flatBeforeCloseMinutes }: Window,
  calendar: Calendar,
  us: number,
): OutsideWindow | undefined {
  if (killTime !== undefined && !isBefore(killTime, calendar, us)) {
    return { reason: `it is past the kill time of ${killTime}`, closes: true };
  }
  if (flatBeforeCloseMinutes !== undefined) {
    const session = calendar.sessionAt(us);
    if (session !== undefined && us >= session.closeUs - flatBeforeCloseMinutes * US_PER_MINUTE) {
      const reason = `the session of ${session.date} ends within ${flatBeforeCloseMinutes} minutes`;
      return { reason, closes: true, closeUs: session.closeUs };
    }
  }
  if (sessionStart === undefined && sessionEnd === undefined) return undefined;
  const hours = {
    ...(sessionStart === undefined ? {} : { start: sessionStart }),
    ...(sessionEnd === undefined ? {} : { end: sessionEnd }),
  };
  if (new ScheduleGate({ ...hours, atEnd: 'hold' }).isOpen(us, calendar)) return undefined;
  const words = `${sessionStart ?? '00:00'} to ${sessionEnd ?? '24:00'}, ${calendar.timeZone}`;
  return { reason: `it is outside the hours of ${words}`, closes: false };
}

function isBefore(end: string, calendar: Calendar, us: number): boolean {
  return new ScheduleGate({ end, atEnd: 'hold' }).isOpen(us, calendar);
}

/** Tells whether limits close what is held at some time of the day. */
export function closesByTime({ killTime, flatBeforeCloseMinutes }: Window): boolean {
  return killTime !== undefined || flatBeforeCloseMinutes !== undefined;
}
