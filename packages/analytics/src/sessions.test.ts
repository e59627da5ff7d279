import { dateOfDay, getCalendar, utcDayOf } from '@capstan/calendar';
import { US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { indexSessions, sessionOfRow, sessionReturns } from './sessions.ts';

const us = (text: string): number => Date.parse(text) * 1000;
const ends = (...texts: string[]) => Float64Array.from(texts, us);
const newYork = getCalendar('XNYS');

describe('indexSessions', () => {
  it('puts the bar that ends at the close into its session, and the one after the close too', () => {
    const endUs = ends(
      '2024-07-02T19:59:00Z',
      '2024-07-02T20:00:00Z',
      '2024-07-03T13:31:00Z',
      '2024-07-03T17:00:00Z',
      '2024-07-03T18:30:00Z',
      '2024-07-05T20:00:00Z',
    );
    expect(indexSessions(endUs, newYork)).toEqual({
      dates: ['2024-07-02', '2024-07-03', '2024-07-05'],
      lastRow: Int32Array.from([1, 4, 5]),
    });
  });

  it('makes a session of each daily bar', () => {
    const endUs = ends('2024-07-02T20:00:00Z', '2024-07-03T17:00:00Z', '2024-07-05T20:00:00Z');
    expect(indexSessions(endUs, newYork).lastRow).toEqual(Int32Array.from([0, 1, 2]));
  });

  it('makes a session of each UTC day where the market never closes', () => {
    const endUs = ends('2024-03-09T23:00:00Z', '2024-03-10T00:00:00Z', '2024-03-10T01:00:00Z');
    expect(indexSessions(endUs, getCalendar('24x7'))).toEqual({
      dates: ['2024-03-09', '2024-03-10'],
      lastRow: Int32Array.from([1, 2]),
    });
  });

  it('takes the dates from a function where bars lie before the years of a calendar', () => {
    const endUs = ends('1987-10-16T20:00:00Z', '1987-10-19T20:00:00Z');
    const byDay = (end: number) => dateOfDay(utcDayOf(end - 1));
    expect(indexSessions(endUs, byDay).dates).toEqual(['1987-10-16', '1987-10-19']);
    expect(() => indexSessions(endUs, newYork)).toThrow('1998');
  });

  it('agrees with asking the calendar for every bar of a month', () => {
    const from = us('2024-11-20T00:00:00Z');
    const endUs = Float64Array.from({ length: 6_000 }, (_, row) => from + row * 7 * US_PER_MINUTE);
    const { dates, lastRow } = indexSessions(endUs, newYork);
    endUs.forEach((end, row) => {
      const session = sessionOfRow({ dates, lastRow }, row);
      expect(dates[session]).toBe(newYork.tradeDate(end - 1));
    });
  });

  it('refuses bars out of order', () => {
    expect(() => indexSessions(Float64Array.from([2, 2]), () => '2024-01-02')).toThrow('row 1');
    const backward = (end: number) => (end === 1 ? '2024-01-03' : '2024-01-02');
    expect(() => indexSessions(Float64Array.from([1, 2]), backward)).toThrow('2024-01-02');
  });

  it('has no session without a bar', () => {
    expect(indexSessions(new Float64Array(), newYork).dates).toEqual([]);
  });
});

describe('sessionReturns', () => {
  const index = { dates: ['a', 'b', 'c', 'd'], lastRow: Int32Array.from([1, 2, 4, 5]) };

  it('takes the last equity of each session, the first against the initial equity', () => {
    const returns = sessionReturns(Float64Array.from([999, 110, 99, 1, 198, 198]), 100, index);
    expect([...returns].map((value) => Number(value.toFixed(12)))).toEqual([0.1, -0.1, 1, 0]);
  });

  it('has no return of a session that begins with nothing', () => {
    const returns = sessionReturns(Float64Array.from([100, 100, -20, 1, 50, 60]), 100, index);
    expect([...returns]).toEqual([0, -1.2, Number.NaN, expect.closeTo(0.2, 12)]);
  });

  it('refuses a curve that its sessions outrun, and a start at nothing', () => {
    expect(() => sessionReturns(new Float64Array(3), 100, index)).toThrow('beyond the curve');
    expect(() => sessionReturns(new Float64Array(6), 0, index)).toThrow('above 0');
    expect(() => sessionOfRow(index, 6)).toThrow('after the last session');
  });
});
