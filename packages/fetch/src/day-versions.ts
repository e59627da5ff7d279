import { dayNumber } from '@capstan/calendar';
import { type TimeSpan, withoutSpans } from '@capstan/lake';
import type { MarketDataVenue } from '@capstan/ports';
import type { FetchSettings } from './fetch-settings.ts';
import { startOfDay } from './plan-fetch.ts';

/** What a vendor calls the version of each day, by date; empty where it has none. */
export type DayVersions = ReadonlyMap<string, string>;

/** Of a day whose bars came at a time at which nobody asked for its version: it differs from every version. */
const UNKNOWN = 'unknown';

/** Asks a vendor that keeps a file a day which versions of raw bars there are now. @throws MARKET.* */
export async function barVersions(
  venue: Pick<MarketDataVenue, 'dayVersions'>,
  { symbols, timeframe, adjustment, fromDate }: FetchSettings,
  untilDate: string,
): Promise<DayVersions> {
  if (adjustment !== 'raw' || venue.dayVersions === undefined) return new Map();
  return venue.dayVersions({ of: 'bars', timeframe, symbols, fromDate, toDate: untilDate });
}

/** Returns the days that were written again since they were read. Of a day of which no version is known nothing is said. */
export function rewrittenDays(read: DayVersions, now: DayVersions): readonly TimeSpan[] {
  return [...now].flatMap(([date, version]) => {
    const before = read.get(date);
    return before === undefined || before === version ? [] : [spanOfDay(date)];
  });
}

/** Returns the versions of the days that lie in spans which came. @param early spans that came before the versions were asked for. */
export function versionsIn(
  now: DayVersions,
  came: readonly TimeSpan[],
  early: readonly TimeSpan[],
): DayVersions {
  const versions = new Map<string, string>();
  for (const [date, version] of now) {
    const day = spanOfDay(date);
    if (isWithin(day, came)) versions.set(date, isWithin(day, early) ? UNKNOWN : version);
  }
  return versions;
}

/** Tells whether spans cover one. */
export const isWithin = (span: TimeSpan, spans: readonly TimeSpan[]): boolean =>
  withoutSpans(span, spans).length === 0;

function spanOfDay(date: string): TimeSpan {
  const day = dayNumber(date);
  return { fromUs: startOfDay(day), toUs: startOfDay(day + 1) };
}
