import { describe, expect, it } from 'vitest';
import { dayNumber, weekdayOfDay } from './civil-date.ts';
import { getCalendar } from './get-calendar.ts';
import { SPECIAL_CLOSURES, SPECIAL_EARLY_CLOSES, SPECIAL_OPENS } from './new-york-holidays.ts';
import type { Session } from './session.ts';

const calendar = getCalendar('XNYS');
const utcUs = (text: string): number => Date.parse(text) * 1000;
const span = (session: Session | undefined): string[] =>
  session === undefined
    ? []
    : [session.openUs, session.closeUs].map((us) =>
        new Date(us / 1000).toISOString().slice(11, 16),
      );

describe('sessions of New York', () => {
  it('run from 09:30 to 16:00 local time', () => {
    expect(calendar.session('2024-01-03')).toEqual({
      date: '2024-01-03',
      openUs: utcUs('2024-01-03T14:30:00Z'),
      closeUs: utcUs('2024-01-03T21:00:00Z'),
      earlyClose: false,
    });
    expect(span(calendar.session('2024-07-01'))).toEqual(['13:30', '20:00']);
  });

  it.each([
    ['2024-03-08', '14:30', '21:00'],
    ['2024-03-11', '13:30', '20:00'],
    ['2024-11-01', '13:30', '20:00'],
    ['2024-11-04', '14:30', '21:00'],
    ['2006-03-31', '14:30', '21:00'],
    ['2006-04-03', '13:30', '20:00'],
    ['2006-10-27', '13:30', '20:00'],
    ['2006-10-30', '14:30', '21:00'],
  ])('of %s around a change of the clocks are %s to %s UTC', (date, open, close) => {
    expect(span(calendar.session(date))).toEqual([open, close]);
  });

  it.each([
    ['1998-01-01', 'New Year'],
    ['2006-01-02', 'New Year on a Sunday'],
    ['1998-01-19', 'Martin Luther King Day'],
    ['2024-01-15', 'Martin Luther King Day'],
    ['2024-02-19', "Washington's Birthday"],
    ['1998-04-10', 'Good Friday'],
    ['2008-03-21', 'Good Friday in March'],
    ['2024-03-29', 'Good Friday'],
    ['2024-05-27', 'Memorial Day'],
    ['2022-06-20', 'Juneteenth on a Sunday'],
    ['2024-06-19', 'Juneteenth'],
    ['2027-06-18', 'Juneteenth on a Saturday'],
    ['2020-07-03', 'Independence Day on a Saturday'],
    ['2021-07-05', 'Independence Day on a Sunday'],
    ['2024-07-04', 'Independence Day'],
    ['2024-09-02', 'Labor Day'],
    ['2024-11-28', 'Thanksgiving'],
    ['2021-12-24', 'Christmas on a Saturday'],
    ['2022-12-26', 'Christmas on a Sunday'],
    ['2024-12-25', 'Christmas'],
    ['2035-12-25', 'Christmas'],
    ['2001-09-11', 'attacks'],
    ['2001-09-14', 'attacks'],
    ['2004-06-11', 'Reagan'],
    ['2007-01-02', 'Ford'],
    ['2012-10-29', 'Sandy'],
    ['2012-10-30', 'Sandy'],
    ['2018-12-05', 'Bush'],
    ['2025-01-09', 'Carter'],
    ['2024-07-06', 'Saturday'],
    ['2024-07-07', 'Sunday'],
  ])('do not exist on %s: %s', (date) => {
    expect(calendar.session(date)).toBeUndefined();
  });

  it.each([
    ['2010-12-31', 'New Year on a Saturday is not kept on Friday'],
    ['2021-12-31', 'New Year on a Saturday is not kept on Friday'],
    ['2028-01-03', 'nor on Monday'],
    ['2021-06-18', 'Juneteenth was no holiday before 2022'],
    ['2001-09-10', 'the day before the attacks'],
    ['2001-09-17', 'the day after the closure'],
    ['2012-10-31', 'after the hurricane'],
    ['2024-10-14', 'Columbus Day is a session'],
    ['2024-11-11', 'Veterans Day is a session'],
    ['2021-07-02', 'the Friday before a Sunday holiday closes late'],
    ['2002-07-03', 'the Wednesday before Independence Day, before 2013'],
    ['2013-07-05', 'the Friday after Independence Day, from 2013'],
    ['2013-12-26', 'the day after Christmas'],
    ['2012-12-31', "New Year's Eve"],
  ])('are full on %s: %s', (date) => {
    expect(calendar.session(date)?.earlyClose).toBe(false);
  });

  it.each([
    '1998-11-27',
    '1998-12-24',
    '1999-12-31',
    '2000-07-03',
    '2002-07-05',
    '2003-12-26',
    '2012-07-03',
    '2013-07-03',
    '2019-07-03',
    '2023-07-03',
    '2024-07-03',
    '2024-11-29',
    '2024-12-24',
    '2025-07-03',
    '2030-07-03',
  ])('end at 13:00 on %s', (date) => {
    const session = calendar.session(date);
    const closes = span(session)[1];
    expect(session?.earlyClose).toBe(true);
    expect(closes).toBe(/-07-/.test(date) ? '17:00' : '18:00');
  });

  it('began at noon on the first anniversary of September 11', () => {
    expect(span(calendar.session('2002-09-11'))).toEqual(['16:00', '20:00']);
  });

  it('number as many in a year as the exchange announced', () => {
    const count = (year: number): number =>
      calendar.sessions(utcUs(`${year}-01-01T12:00:00Z`), utcUs(`${year + 1}-01-01T12:00:00Z`))
        .length;
    const years = [1998, 2001, 2012, 2018, 2020, 2023, 2024, 2025];
    expect(years.map(count)).toEqual([252, 248, 250, 251, 253, 250, 252, 250]);
  });

  it('have only real weekdays in the tables of single days', () => {
    const dates = [SPECIAL_CLOSURES, SPECIAL_EARLY_CLOSES, SPECIAL_OPENS].flatMap(Object.keys);
    expect(dates).toHaveLength(13);
    for (const date of dates) {
      expect([1, 2, 3, 4, 5]).toContain(weekdayOfDay(dayNumber(date)));
    }
  });
});
