import { timeUs, US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import { expect, it } from 'vitest';
import { CALENDAR_NAMES, getCalendar } from './get-calendar.ts';
import { barsPerYear } from './trading-year.ts';

it('counts the bars of a year by trading time', () => {
  expect(barsPerYear('XNYS', '1d')).toBe(252);
  expect(barsPerYear('XNYS', '1h')).toBe(252 * 6.5);
  expect(barsPerYear('XNAS', '1m')).toBe(252 * 390);
  expect(barsPerYear('24x7', '1d')).toBe(365);
  expect(barsPerYear('24x7', '5m')).toBe(365 * 288);
  expect(() => barsPerYear('XXXX', '1d')).toThrow(/XXXX/);
});

it('agrees with the sessions that the calendars have', () => {
  for (const name of CALENDAR_NAMES) {
    const from = timeUs(Date.UTC(2015, 0, 1) * 1_000);
    const sessions = getCalendar(name).sessions(from, from + 3_652 * US_PER_DAY);
    expect(Math.round(sessions.length / 10)).toBe(barsPerYear(name, '1d'));
    const minutes = sessions
      .filter(({ earlyClose }) => !earlyClose)
      .map(({ openUs, closeUs }) => (closeUs - openUs) / US_PER_MINUTE);
    const length = barsPerYear(name, '1m') / barsPerYear(name, '1d');
    expect(minutes.every((each) => each === length)).toBe(true);
  }
});
