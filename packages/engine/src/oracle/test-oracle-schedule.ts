import type { OracleBook, OracleSchedule, OracleSymbol, OracleWant } from './test-oracle-model.ts';

const MINUTE = 60_000_000;
const DAY = 1_440 * MINUTE;
/** The first of January 1970 was a Thursday. */
const FIRST_DAY = 4;
const FLAT: OracleWant = { direction: 0, strength: 0n };

/** Returns what is wanted at a time: outside the schedule nothing but to be out. */
export function withinSchedule(
  schedule: OracleSchedule,
  { of, last }: OracleBook,
  { wanted, us }: { readonly wanted: OracleWant | undefined; readonly us: number },
): OracleWant | undefined {
  if (isInHours(schedule, of, us) && isInSession(schedule, of, us)) return wanted;
  if (wanted?.direction === 0) return wanted;
  if (last?.direction === 0) return undefined;
  if (schedule.atEnd === 'flatten') return FLAT;
  const turns = last !== undefined && wanted !== undefined && wanted.direction !== last.direction;
  return turns ? FLAT : undefined;
}

function isInHours(
  { days, from, until, zone }: OracleSchedule,
  of: OracleSymbol,
  us: number,
): boolean {
  const local = us + (zone?.offsetMinutes ?? of.offsetMinutes) * MINUTE;
  const day = Math.floor(local / DAY);
  const minute = (local - day * DAY) / MINUTE;
  const isOn = (number: number) => days?.includes((number + FIRST_DAY) % 7) ?? true;
  if (from < until) return isOn(day) && minute >= from && minute < until;
  return (isOn(day) && minute >= from) || (isOn(day - 1) && minute < until);
}

function isInSession(
  { afterOpen, beforeClose }: OracleSchedule,
  { sessions }: OracleSymbol,
  us: number,
): boolean {
  if (afterOpen === undefined && beforeClose === undefined) return true;
  const session = sessions.find(({ openUs, closeUs }) => openUs < us && us <= closeUs);
  if (session === undefined) return false;
  if (afterOpen !== undefined && us < session.openUs + afterOpen * MINUTE) return false;
  return beforeClose === undefined || us < session.closeUs - beforeClose * MINUTE;
}
