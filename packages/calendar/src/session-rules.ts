import type { TimeZone } from '@capstan/domain';
import type { Session } from './session.ts';

/** What tells one calendar from another: its clock and its days. Pure; the day numbers are local to it. */
export interface SessionRules {
  readonly name: string;
  readonly timeZone: TimeZone;
  readonly firstYear: number;
  readonly lastYear: number;
  /** Returns the local day number at a time in microseconds. A session never leaves its local day. */
  localDay(us: number): number;
  /** Returns the session of a local day, `undefined` where there is none. */
  sessionOf(dayNumber: number): Session | undefined;
  /** Returns why a local day has no session, in a word or two; `undefined` where it has one. */
  closureOf(dayNumber: number): string | undefined;
}
