import { assert, US_PER_DAY } from '@capstan/domain';
import { badDate } from './errors.ts';

/** A date of the civil (Gregorian) calendar, `YYYY-MM-DD`: sorts as text. */
export type CivilDate = string;

/** Days of the week as {@link weekdayOfDay} numbers them. */
export const WEEKDAYS = {
  sunday: 0,
  monday: 1,
  tuesday: 2,
  wednesday: 3,
  thursday: 4,
  friday: 5,
  saturday: 6,
} as const;
export type Weekday = (typeof WEEKDAYS)[keyof typeof WEEKDAYS];

/** A date as numbers; the month counts from 1. */
export interface CivilParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAYS_PER_ERA = 146_097;
const DAYS_BEFORE_EPOCH = 719_468;
const EPOCH_WEEKDAY = 4;

/**
 * Returns the day number of a date: days since 1970-01-01, which is 0.
 * Years are counted from March, so that the leap day is the last of its year.
 */
export function dayOf(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_PER_ERA + yearOfEra * 365 + leapDays + dayOfYear - DAYS_BEFORE_EPOCH;
}

/** Returns the date of a day number, as numbers. */
export function partsOfDay(dayNumber: number): CivilParts {
  const shifted = dayNumber + DAYS_BEFORE_EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leapAdjusted =
    dayOfEra -
    Math.floor(dayOfEra / 1460) +
    Math.floor(dayOfEra / 36_524) -
    Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor(leapAdjusted / 365);
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - (365 * yearOfEra + leapDays);
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Returns the day number of `YYYY-MM-DD`. @throws CALENDAR.DATE unless it is a date that exists. */
export function dayNumber(date: CivilDate): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (match === null) throw badDate(date);
  const number = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (dateOfDay(number) !== date) throw badDate(date);
  return number;
}

/** Returns the date of a day number as `YYYY-MM-DD`; for the years 0 to 9999. */
export function dateOfDay(dayNumber: number): CivilDate {
  const { year, month, day } = partsOfDay(dayNumber);
  assert(year >= 0 && year <= 9999, `day ${dayNumber} is outside the years 0 to 9999`);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Returns the UTC day number in which a time (microseconds since the epoch) lies. */
export const utcDayOf = (us: number): number => Math.floor(us / US_PER_DAY);

/** Returns the day of the week of a day number, 0 for Sunday. */
export function weekdayOfDay(dayNumber: number): Weekday {
  return ((((dayNumber + EPOCH_WEEKDAY) % 7) + 7) % 7) as Weekday;
}

/** Returns the first `weekday` on or after a day. */
export function weekdayFrom(dayNumber: number, weekday: Weekday): number {
  return dayNumber + ((weekday - weekdayOfDay(dayNumber) + 7) % 7);
}

/** Returns the last `weekday` on or before a day. */
export function weekdayUntil(dayNumber: number, weekday: Weekday): number {
  return dayNumber - ((weekdayOfDay(dayNumber) - weekday + 7) % 7);
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
