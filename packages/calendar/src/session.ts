import type { TimeUs, TimeZone } from '@capstan/domain';
import type { CivilDate } from './civil-date.ts';

/** One continuous span of trading, known by its date. */
export interface Session {
  /** The trade date, local to the exchange. */
  readonly date: CivilDate;
  /** Inclusive. */
  readonly openUs: TimeUs;
  /** Exclusive: the end of the last bar. */
  readonly closeUs: TimeUs;
  /** True where it ends before the regular close. */
  readonly earlyClose: boolean;
}

/**
 * When a market is open. All answers follow from rules; the same question has the same answer everywhere.
 * Every method throws CALENDAR.RANGE for a question outside the calendar's years, and CALENDAR.DATE for a text that
 * is no date.
 */
export interface Calendar {
  readonly name: string;
  /** The clock on the exchange's wall. */
  readonly timeZone: TimeZone;
  /** Returns the session of a date, `undefined` where the market stays closed. */
  session(date: CivilDate): Session | undefined;
  /** Returns why a date has no session, such as `weekend` or the holiday's name; `undefined` where it has one. */
  closure(date: CivilDate): string | undefined;
  /** Returns the session with `openUs <= us < closeUs`, `undefined` while the market is closed. */
  sessionAt(us: number): Session | undefined;
  /** Returns the session that contains `us`, else the next one to open. */
  sessionAtOrAfter(us: number): Session;
  /** Tells whether the market is open at `us`; at the close itself it is not. */
  isOpen(us: number): boolean;
  /** Returns the first open at or after `us`. */
  nextOpen(us: number): TimeUs;
  /** Returns the last close at or before `us`. */
  previousClose(us: number): TimeUs;
  /** Returns the first session after `date`. */
  nextSession(date: CivilDate): Session;
  /** Returns the last session before `date`. */
  previousSession(date: CivilDate): Session;
  /** Returns the sessions of which some part lies in `[fromUs, toUs)`, in order. */
  sessions(fromUs: number, toUs: number): readonly Session[];
  /**
   * Returns the date to which something that happens at `us` belongs: the local date where it has a session (before
   * the open, in it, and after its close), else the date of the next session.
   */
  tradeDate(us: number): CivilDate;
}
