import type { Calendar } from '@capstan/calendar';
import { LIMITS } from './limits.ts';

/**
 * Returns for how many microseconds between two times at least one of the markets is open. A span that runs backwards counts as
 * long as it is, one without calendars and one of more than a week too.
 */
export function tradingTimeUs(
  calendars: readonly Calendar[],
  fromUs: number,
  toUs: number,
): number {
  const spanUs = Math.abs(toUs - fromUs);
  if (calendars.length === 0 || toUs < fromUs || spanUs > LIMITS.calendarSpanUsMax) return spanUs;
  const sessions = calendars
    .flatMap((calendar) => calendar.sessions(fromUs, toUs))
    .sort((one, other) => one.openUs - other.openUs);
  let [openUs, countedUs] = [0, fromUs];
  for (const session of sessions) {
    const endUs = Math.min(session.closeUs, toUs);
    openUs += Math.max(0, endUs - Math.max(session.openUs, countedUs));
    countedUs = Math.max(countedUs, endUs);
  }
  return openUs;
}
