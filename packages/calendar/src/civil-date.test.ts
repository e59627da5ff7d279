import { hasCode } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import {
  dateOfDay,
  dayNumber,
  dayOf,
  partsOfDay,
  utcDayOf,
  WEEKDAYS,
  weekdayFrom,
  weekdayOfDay,
  weekdayUntil,
} from './civil-date.ts';

describe('civil dates', () => {
  it('counts days from the epoch', () => {
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(dayNumber('1969-12-31')).toBe(-1);
    expect(dayNumber('2000-03-01')).toBe(11_017);
    expect(dayNumber('2024-02-29')).toBe(19_782);
    expect(dayOf(2024, 2, 29)).toBe(19_782);
    expect(partsOfDay(19_782)).toEqual({ year: 2024, month: 2, day: 29 });
    expect(dateOfDay(11_017)).toBe('2000-03-01');
    expect(dateOfDay(dayOf(0, 1, 1))).toBe('0000-01-01');
  });

  it('knows the day of the week', () => {
    expect(weekdayOfDay(0)).toBe(WEEKDAYS.thursday);
    expect(weekdayOfDay(-5)).toBe(WEEKDAYS.saturday);
    expect(weekdayOfDay(dayNumber('2024-07-03'))).toBe(WEEKDAYS.wednesday);
    expect(dateOfDay(weekdayFrom(dayNumber('2024-07-03'), WEEKDAYS.wednesday))).toBe('2024-07-03');
    expect(dateOfDay(weekdayFrom(dayNumber('2024-07-03'), WEEKDAYS.monday))).toBe('2024-07-08');
    expect(dateOfDay(weekdayUntil(dayNumber('2024-07-03'), WEEKDAYS.friday))).toBe('2024-06-28');
  });

  it('puts the last microsecond of a day into that day', () => {
    expect(utcDayOf(86_400_000_000 - 1)).toBe(0);
    expect(utcDayOf(86_400_000_000)).toBe(1);
    expect(utcDayOf(-1)).toBe(-1);
  });

  it.each(['2023-02-29', '2024-13-01', '2024-00-10', '2024-1-1', '20240101', ' 2024-01-01', ''])(
    'refuses %j as a date',
    (text) => {
      let caught: unknown;
      try {
        dayNumber(text);
      } catch (error) {
        caught = error;
      }
      expect(hasCode(caught, 'CALENDAR.DATE')).toBe(true);
    },
  );

  it('refuses to write a year of five digits', () => {
    expect(() => dateOfDay(dayOf(10_000, 1, 1))).toThrow('outside the years 0 to 9999');
  });
});
