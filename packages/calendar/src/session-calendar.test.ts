import { hasCode } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { CALENDAR_NAMES, CalendarBook, getCalendar } from './get-calendar.ts';

const utcUs = (text: string): number => Date.parse(text) * 1000;
const codeOf = (ask: () => unknown): string => {
  try {
    ask();
  } catch (error) {
    for (const code of ['CALENDAR.RANGE', 'CALENDAR.UNKNOWN', 'CALENDAR.DATE']) {
      if (hasCode(error, code)) return code;
    }
    throw error;
  }
  return 'answered';
};

describe('a calendar', () => {
  const calendar = getCalendar('XNYS');
  const friday = { openUs: utcUs('2024-07-05T13:30:00Z'), closeUs: utcUs('2024-07-05T20:00:00Z') };
  const monday = { openUs: utcUs('2024-07-08T13:30:00Z'), closeUs: utcUs('2024-07-08T20:00:00Z') };

  it('is open from the open to just before the close', () => {
    expect(calendar.isOpen(friday.openUs - 1)).toBe(false);
    expect(calendar.isOpen(friday.openUs)).toBe(true);
    expect(calendar.isOpen(friday.closeUs - 1)).toBe(true);
    expect(calendar.isOpen(friday.closeUs)).toBe(false);
    expect(calendar.sessionAt(friday.openUs)?.date).toBe('2024-07-05');
    expect(calendar.sessionAt(friday.closeUs)).toBeUndefined();
  });

  it('finds the session that contains a time, else the next', () => {
    expect(calendar.sessionAtOrAfter(friday.openUs + 1).date).toBe('2024-07-05');
    expect(calendar.sessionAtOrAfter(friday.closeUs).date).toBe('2024-07-08');
    expect(calendar.sessionAtOrAfter(monday.openUs - 1).date).toBe('2024-07-08');
    expect(calendar.sessionAtOrAfter(friday.openUs - 1).date).toBe('2024-07-05');
  });

  it('finds the next open at or after a time', () => {
    expect(calendar.nextOpen(friday.openUs)).toBe(friday.openUs);
    expect(calendar.nextOpen(friday.openUs - 1)).toBe(friday.openUs);
    expect(calendar.nextOpen(friday.openUs + 1)).toBe(monday.openUs);
    expect(calendar.nextOpen(friday.closeUs)).toBe(monday.openUs);
    expect(calendar.nextOpen(utcUs('2024-07-04T15:00:00Z'))).toBe(friday.openUs);
  });

  it('finds the previous close at or before a time', () => {
    expect(calendar.previousClose(friday.closeUs)).toBe(friday.closeUs);
    expect(calendar.previousClose(monday.openUs)).toBe(friday.closeUs);
    expect(calendar.previousClose(friday.closeUs - 1)).toBe(utcUs('2024-07-03T17:00:00Z'));
    expect(calendar.previousClose(utcUs('2024-07-07T12:00:00Z'))).toBe(friday.closeUs);
  });

  it('steps over weekends and holidays', () => {
    expect(calendar.nextSession('2024-07-03').date).toBe('2024-07-05');
    expect(calendar.nextSession('2024-07-06').date).toBe('2024-07-08');
    expect(calendar.previousSession('2024-07-05').date).toBe('2024-07-03');
    expect(calendar.previousSession('2001-09-17').date).toBe('2001-09-10');
  });

  it('lists the sessions of which a span covers any part', () => {
    const dates = (fromUs: number, toUs: number): string[] =>
      calendar.sessions(fromUs, toUs).map((session) => session.date);
    expect(dates(friday.closeUs - 1, monday.openUs + 1)).toEqual(['2024-07-05', '2024-07-08']);
    expect(dates(friday.closeUs, monday.openUs)).toEqual([]);
    expect(dates(monday.openUs, monday.openUs)).toEqual([]);
    expect(dates(monday.openUs, friday.openUs)).toEqual([]);
    expect(dates(friday.openUs - 1, friday.openUs)).toEqual([]);
  });

  it('dates a time by its session, before it and after it, and else by the next session', () => {
    expect(calendar.tradeDate(utcUs('2024-07-05T08:00:00Z'))).toBe('2024-07-05');
    expect(calendar.tradeDate(friday.closeUs)).toBe('2024-07-05');
    expect(calendar.tradeDate(utcUs('2024-07-06T03:59:59Z'))).toBe('2024-07-05');
    expect(calendar.tradeDate(utcUs('2024-07-06T04:00:00Z'))).toBe('2024-07-08');
    expect(calendar.tradeDate(utcUs('2024-07-04T15:00:00Z'))).toBe('2024-07-05');
  });

  it('refuses to answer outside its years', () => {
    expect(codeOf(() => calendar.session('1997-12-31'))).toBe('CALENDAR.RANGE');
    expect(codeOf(() => calendar.session('2100-01-01'))).toBe('CALENDAR.RANGE');
    expect(codeOf(() => calendar.previousSession('1998-01-02'))).toBe('CALENDAR.RANGE');
    expect(codeOf(() => calendar.nextSession('2099-12-31'))).toBe('CALENDAR.RANGE');
    expect(codeOf(() => calendar.nextSession('1997-01-01'))).toBe('CALENDAR.RANGE');
    expect(codeOf(() => calendar.isOpen(0))).toBe('CALENDAR.RANGE');
    expect(codeOf(() => calendar.nextOpen(utcUs('2099-12-31T22:00:00Z')))).toBe('CALENDAR.RANGE');
    expect(calendar.isOpen(utcUs('2099-12-31T22:00:00Z'))).toBe(false);
    expect(codeOf(() => calendar.session('yesterday'))).toBe('CALENDAR.DATE');
  });
});

describe('the calendar that never closes', () => {
  const calendar = getCalendar('24x7');

  it('has a session each UTC day and none between', () => {
    expect(calendar.session('2024-02-29')).toEqual({
      date: '2024-02-29',
      openUs: utcUs('2024-02-29T00:00:00Z'),
      closeUs: utcUs('2024-03-01T00:00:00Z'),
      earlyClose: false,
    });
    expect(calendar.isOpen(utcUs('2024-12-25T03:00:00Z'))).toBe(true);
    expect(calendar.isOpen(0)).toBe(true);
    expect(calendar.nextOpen(utcUs('2024-12-25T03:00:00Z'))).toBe(utcUs('2024-12-26T00:00:00Z'));
    expect(calendar.previousClose(utcUs('2024-12-25T03:00:00Z'))).toBe(
      utcUs('2024-12-25T00:00:00Z'),
    );
    expect(calendar.tradeDate(utcUs('2024-12-25T00:00:00Z'))).toBe('2024-12-25');
  });
});

describe('the names of calendars', () => {
  it('lead to rules, Nasdaq to those of New York', () => {
    expect(CALENDAR_NAMES).toEqual(['24x7', 'XNAS', 'XNYS']);
    expect(getCalendar('XNAS').session('2024-12-24')).toEqual(
      getCalendar('XNYS').session('2024-12-24'),
    );
  });

  it('that nobody knows are refused with those that exist', () => {
    expect(codeOf(() => getCalendar('XLON'))).toBe('CALENDAR.UNKNOWN');
    expect(() => getCalendar('XLON')).toThrow('24x7, XNAS, XNYS');
  });

  it('give the same instance from one book', () => {
    const book = new CalendarBook();
    expect(book.get('XNYS')).toBe(book.get('XNYS'));
    expect(book.get('XNYS')).not.toBe(new CalendarBook().get('XNYS'));
    expect(codeOf(() => book.get('XLON'))).toBe('CALENDAR.UNKNOWN');
  });
});
