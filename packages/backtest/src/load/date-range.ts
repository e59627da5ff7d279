import { dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { AppError, US_PER_DAY } from '@capstan/domain';

/** Microseconds: from inclusive, to exclusive; absent without a bound. */
export interface TimeRange {
  readonly fromUs?: number;
  readonly toUs?: number;
}

/**
 * Returns the span of dates, both included, as the calendar's exchange counts them: New York, or UTC where it never closes.
 * @throws RUN.INVALID for a date that does not exist.
 */
export function rangeOf(
  { start, end }: { readonly start?: string | undefined; readonly end?: string | undefined },
  calendarName: string,
): TimeRange {
  const startOf = (day: number) =>
    calendarName === '24x7' ? day * US_PER_DAY : newYorkTimeUs(day, 0);
  return {
    ...(start === undefined ? {} : { fromUs: startOf(dayOf('start', start)) }),
    ...(end === undefined ? {} : { toUs: startOf(dayOf('end', end) + 1) }),
  };
}

function dayOf(key: string, date: string): number {
  try {
    return dayNumber(date);
  } catch (cause) {
    throw new AppError({
      code: 'RUN.INVALID',
      why: `'${key}' is ${date}, which is no date.`,
      fix: 'Write a date of the calendar, such as 2024-01-31.',
      cause,
    });
  }
}
