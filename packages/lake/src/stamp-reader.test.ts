import { describe, expect, it } from 'vitest';
import { StampReader } from './stamp-reader.ts';
import { timeText } from './time-text.ts';
import { ZoneClock } from './zone-clock.ts';

const reader = (timeZone?: string, zoneless = false) =>
  new StampReader(
    { timeFormat: 'iso', ...(timeZone === undefined ? {} : { timeZone }) },
    { zoneless },
  );
const shown = (read: number | string): string => (typeof read === 'number' ? timeText(read) : read);

describe('StampReader', () => {
  it.each([
    ['2026-01-05T14:30:00Z', '2026-01-05T14:30:00Z'],
    ['2026-01-05 14:30:00+00:00', '2026-01-05T14:30:00Z'],
    ['2026-01-05T09:30:00-0500', '2026-01-05T14:30:00Z'],
    ['20260105T143000Z', '2026-01-05T14:30:00Z'],
    ['2026-01-05T14:30:00.250Z', '2026-01-05T14:30:00.250Z'],
    ['2026-01-05', 'a time with a zone, such as 2026-01-05T14:30:00Z (or set timeZone)'],
    ['2026-02-30T14:30:00Z', 'a date that exists'],
    ['2026-01-05T14:75:00Z', 'a time of day that exists'],
    ['05.01.2026', 'a time such as 2026-01-05T14:30:00Z (or set timeFormat)'],
  ])('reads %s as %s', (text, expected) => {
    expect(shown(reader().text(text))).toBe(expected);
  });

  it('reads texts without a zone in the zone of the mapping, and dates without one as dates', () => {
    expect(shown(reader('Europe/Berlin').text('2026-07-01 09:00'))).toBe('2026-07-01T07:00:00Z');
    expect(shown(reader('America/New_York').text('20260105 093000'))).toBe('2026-01-05T14:30:00Z');
    expect(shown(reader(undefined, true).text('2026-01-05'))).toBe('2026-01-05T00:00:00Z');
  });

  it('refuses local times that the clocks skip or show twice', () => {
    expect(reader('America/New_York').text('2026-03-08 02:30')).toMatch(
      /^a time that the clocks of .* show$/,
    );
    expect(reader('Europe/Berlin').text('2026-10-25 02:30')).toMatch(/show once/);
    expect(shown(reader('Europe/Berlin').text('2026-10-25 03:30'))).toBe('2026-10-25T02:30:00Z');
  });
});

describe('ZoneClock', () => {
  it('knows New York as the time zone database does, before its rules of 1987 too', () => {
    const clock = new ZoneClock('America/New_York');
    const other = new ZoneClock('US/Eastern');
    for (let year = 1975; year < 2030; year += 1) {
      for (const month of [0, 3, 4, 6, 9, 10]) {
        const us = Date.UTC(year, month, 28, 12) * 1_000;
        expect([year, month, clock.offsetUs(us)]).toEqual([year, month, other.offsetUs(us)]);
      }
    }
  });

  it('refuses a name that is no zone', () => {
    expect(() => new ZoneClock('Mars/Olympus')).toThrow(/'Mars\/Olympus' is not a time zone/);
  });
});
