import { AppError } from '@capstan/domain';

/** Codes of this package: no calendar has the name. */
export const CALENDAR_UNKNOWN = 'CALENDAR.UNKNOWN';
/** Codes of this package: the text is no date of the civil calendar. */
export const CALENDAR_DATE = 'CALENDAR.DATE';
/** Codes of this package: the date or time lies outside the years that a calendar describes. */
export const CALENDAR_RANGE = 'CALENDAR.RANGE';

/** Builds the error for a name that no calendar has. */
export function unknownCalendar(name: string, known: readonly string[]): AppError {
  return new AppError({
    code: CALENDAR_UNKNOWN,
    why: `no calendar named '${name}'.`,
    fix: `Known: ${known.join(', ')}.`,
  });
}

/** Builds the error for a text that is no date. */
export function badDate(text: string): AppError {
  return new AppError({
    code: CALENDAR_DATE,
    why: `'${text}' is not a date.`,
    fix: 'Write it like 2024-01-31.',
  });
}

/** Builds the error for a question outside the years of a calendar. */
export function outOfRange(
  name: string,
  asked: string,
  years: readonly [number, number],
): AppError {
  return new AppError({
    code: CALENDAR_RANGE,
    why: `calendar ${name} has no answer for ${asked}.`,
    fix: `It describes the years ${years[0]} to ${years[1]}.`,
  });
}
