import type { Calendar, Session } from '@capstan/calendar';
import type { InstrumentBook, TimeUs } from '@capstan/domain';

/** Where symbols are traded. */
export interface Markets {
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
}

/** Returns the session for which a symbol's market is waited for; `undefined` where it is open. */
export function awaitedSession(
  markets: Markets,
  symbol: string,
  nowUs: TimeUs,
): Session | undefined {
  const calendar = markets.calendarOf(markets.instruments.get(symbol).calendar);
  return calendar.isOpen(nowUs) ? undefined : calendar.sessionAtOrAfter(nowUs);
}

/** Says for which sessions what cannot be sent now is queued, the first to come first. */
export function queuedText(queued: ReadonlyMap<string, Session>): string {
  const dates = new Map<string, string[]>();
  for (const [symbol, { date }] of [...queued].sort(([, a], [, b]) => a.openUs - b.openUs)) {
    dates.set(date, [...(dates.get(date) ?? []), symbol]);
  }
  const parts = [...dates].map(
    ([date, symbols]) => `${symbols.sort().join(', ')} for the session of ${date}`,
  );
  return parts.length === 0
    ? ''
    : `the market is closed: flattening is queued: ${parts.join('; ')}`;
}
