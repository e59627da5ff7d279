import { type Timeframe, timeframeUs, US_PER_MINUTE } from '@capstan/domain';
import { unknownCalendar } from './errors.ts';
import { CALENDAR_NAMES } from './get-calendar.ts';
import { ALWAYS_OPEN_SESSIONS_PER_YEAR, EXCHANGE_SESSIONS_PER_YEAR } from './limits.ts';

interface TradingYear {
  readonly sessions: number;
  /** Length of a session that does not end early. */
  readonly minutes: number;
}

const NEW_YORK: TradingYear = { sessions: EXCHANGE_SESSIONS_PER_YEAR, minutes: 390 };

const YEARS: ReadonlyMap<string, TradingYear> = new Map([
  ['24x7', { sessions: ALWAYS_OPEN_SESSIONS_PER_YEAR, minutes: 1_440 }],
  ['XNAS', NEW_YORK],
  ['XNYS', NEW_YORK],
]);

/**
 * Returns how many bars of a timeframe make a year of a calendar, by the length of trading time: sessions × length of a session ÷
 * length of a bar. It need not be whole: an hour goes six and a half times into a session of New York.
 * @source J. C. Hull, Options, Futures, and Other Derivatives (8th ed., 2012), section 14.4: volatility goes by trading days, of which
 * a year has 252.
 * @throws CALENDAR.UNKNOWN naming those that exist.
 */
export function barsPerYear(calendarName: string, timeframe: Timeframe): number {
  const year = YEARS.get(calendarName);
  if (year === undefined) throw unknownCalendar(calendarName, CALENDAR_NAMES);
  const lengthUs = timeframeUs(timeframe);
  if (lengthUs === undefined) return year.sessions;
  return (year.sessions * year.minutes * US_PER_MINUTE) / lengthUs;
}
