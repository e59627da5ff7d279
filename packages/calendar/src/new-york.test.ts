import { describe, expect, it } from 'vitest';
import { dateOfDay, dayNumber } from './civil-date.ts';
import { clockChanges, newYorkDayOf, newYorkOffsetUs, newYorkTimeUs } from './new-york.ts';

const HOUR_US = 3_600_000_000;
const utcUs = (text: string): number => Date.parse(text) * 1000;

describe("New York's clocks", () => {
  it.each([
    [1998, '1998-04-05', '1998-10-25'],
    [2006, '2006-04-02', '2006-10-29'],
    [2007, '2007-03-11', '2007-11-04'],
    [2015, '2015-03-08', '2015-11-01'],
    [2024, '2024-03-10', '2024-11-03'],
    [2035, '2035-03-11', '2035-11-04'],
  ])('change in %i on %s and %s', (year, spring, autumn) => {
    const { springDay, autumnDay } = clockChanges(year);
    expect([dateOfDay(springDay), dateOfDay(autumnDay)]).toEqual([spring, autumn]);
  });

  it('go forward at 07:00 UTC and back at 06:00 UTC, to the microsecond', () => {
    expect(newYorkOffsetUs(utcUs('2024-03-10T07:00:00Z') - 1)).toBe(-5 * HOUR_US);
    expect(newYorkOffsetUs(utcUs('2024-03-10T07:00:00Z'))).toBe(-4 * HOUR_US);
    expect(newYorkOffsetUs(utcUs('2024-11-03T06:00:00Z') - 1)).toBe(-4 * HOUR_US);
    expect(newYorkOffsetUs(utcUs('2024-11-03T06:00:00Z'))).toBe(-5 * HOUR_US);
  });

  it('show the old year until five in the morning UTC', () => {
    expect(dateOfDay(newYorkDayOf(utcUs('2024-01-01T04:59:59.999Z')))).toBe('2023-12-31');
    expect(dateOfDay(newYorkDayOf(utcUs('2024-01-01T05:00:00Z')))).toBe('2024-01-01');
  });

  it('show 09:30 at 14:30 UTC in winter and 13:30 UTC in summer', () => {
    const open = 9 * 60 + 30;
    expect(newYorkTimeUs(dayNumber('2024-03-08'), open)).toBe(utcUs('2024-03-08T14:30:00Z'));
    expect(newYorkTimeUs(dayNumber('2024-03-11'), open)).toBe(utcUs('2024-03-11T13:30:00Z'));
    expect(newYorkTimeUs(dayNumber('2006-03-27'), open)).toBe(utcUs('2006-03-27T14:30:00Z'));
    expect(newYorkTimeUs(dayNumber('2006-10-30'), open)).toBe(utcUs('2006-10-30T14:30:00Z'));
  });
});
