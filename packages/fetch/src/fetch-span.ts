import { dateOfDay, dayNumber, getCalendar, newYorkDayOf } from '@capstan/calendar';
import { AppError, type TimeUs, US_PER_MS } from '@capstan/domain';
import type { TimeSpan } from '@capstan/lake';
import type { Clock, MarketDataCapabilities, MarketDataVenue } from '@capstan/ports';
import { CLOCK_OFF_MS } from './limits.ts';
import { startOfDay } from './plan-fetch.ts';

/** The time, and what is to be said of how it was found. */
export interface VendorTime {
  readonly nowUs: TimeUs;
  readonly note?: string;
}

/** Returns the vendor's time where it tells it, else that of this machine. */
export async function vendorTime(
  venue: Pick<MarketDataVenue, 'capabilities' | 'nowUs'>,
  clock: Clock,
): Promise<VendorTime> {
  if (!venue.capabilities.tellsTime) return { nowUs: clock.nowUs() };
  let nowUs: TimeUs;
  try {
    nowUs = await venue.nowUs();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { nowUs: clock.nowUs(), note: `the vendor did not tell its time: ${error.why}` };
  }
  const offMs = (clock.nowUs() - nowUs) / US_PER_MS;
  if (Math.abs(offMs) < CLOCK_OFF_MS) return { nowUs };
  const minutes = Math.abs(offMs / 60_000).toFixed(1);
  const how = offMs > 0 ? 'ahead of' : 'behind';
  const note = `this machine's clock is ${minutes} minutes ${how} the vendor's, which counts`;
  return { nowUs, note };
}

/** The span of a fetch, and the first day that is left out of it as it is not over. */
export interface FetchSpan extends TimeSpan {
  readonly untilDate: string;
  readonly leftOutFrom?: string;
}

/**
 * Returns the span of whole days that are over, and whole at the vendor.
 * @throws FETCH.SPAN where there is none; CALENDAR.RANGE before the years that the calendar describes.
 */
export function fetchSpan(
  { fromDate, toDate }: { readonly fromDate: string; readonly toDate: string },
  nowUs: TimeUs,
  { dayLagUs = 0 }: Pick<MarketDataCapabilities, 'dayLagUs'> = {},
): FetchSpan {
  getCalendar('XNYS').session(fromDate);
  const today = newYorkDayOf(nowUs - dayLagUs);
  const endDay = dayNumber(toDate) + 1;
  const firstDay = dayNumber(fromDate);
  const until = Math.min(endDay, today);
  if (until <= firstDay) {
    throw new AppError({
      code: 'FETCH.SPAN',
      why:
        dayLagUs === 0
          ? `no day from ${fromDate} to ${toDate} is over: it is ${dateOfDay(today)} in New York.`
          : `no day from ${fromDate} to ${toDate} is whole at the vendor: ${dateOfDay(today)} is the first that is not.`,
      fix: 'Fetch days before that one.',
    });
  }
  return {
    fromUs: startOfDay(firstDay),
    toUs: startOfDay(until),
    untilDate: dateOfDay(until - 1),
    ...(until < endDay ? { leftOutFrom: dateOfDay(until) } : {}),
  };
}
