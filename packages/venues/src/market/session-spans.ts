import { type Calendar, dateOfDay, newYorkDayOf } from '@capstan/calendar';
import { type Timeframe, type TimeUs, timeframeUs, US_PER_DAY } from '@capstan/domain';

/** From when to when a bar goes. */
export interface BarSpan {
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
}

/**
 * Returns the span of a bar by its stamp: an intraday one is as long as its timeframe; a daily one, which is stamped at New York's
 * midnight, is the session of that date, or the day from its stamp where the calendar has no session.
 */
export function spanOf(timeframe: Timeframe, stampUs: TimeUs, calendar: Calendar): BarSpan {
  const lengthUs = timeframeUs(timeframe);
  if (lengthUs !== undefined) return { startUs: stampUs, endUs: (stampUs + lengthUs) as TimeUs };
  const session = calendar.session(dateOfDay(newYorkDayOf(stampUs)));
  if (session !== undefined) return { startUs: session.openUs, endUs: session.closeUs };
  return { startUs: stampUs, endUs: (stampUs + US_PER_DAY) as TimeUs };
}
