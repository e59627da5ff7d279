import { describe, expect, it } from 'vitest';
import { dayNumber } from './civil-date.ts';
import { getCalendar } from './get-calendar.ts';
import { type SessionTimes, sessionDay } from './session-day.ts';
import { localDateOf, localTimeOf, sessionState } from './session-state.ts';

const TIMES: SessionTimes = {
  preMarketMinutes: 30,
  endOfDayMinutes: 15,
  kills: [
    { kind: 'at', time: '15:50' },
    { kind: 'beforeClose', minutes: 5 },
  ],
};
const XNYS = getCalendar('XNYS');
const day = (date: string, calendar = XNYS, times = TIMES): readonly string[] =>
  sessionDay(calendar, date, times).map(({ kind, atUs }) => {
    const { timeZone } = calendar;
    return `${localDateOf(timeZone, atUs)} ${localTimeOf(timeZone, atUs)} ${kind}`;
  });
const at = (text: string) => (Date.parse(text) * 1_000) as Parameters<typeof sessionState>[1];

describe('the schedule of a day', () => {
  it('names each point once, in order, by the clocks of the exchange', () => {
    expect(day('2026-01-06')).toEqual([
      '2026-01-06 09:00 preMarket',
      '2026-01-06 09:30 open',
      '2026-01-06 15:50 killTime',
      '2026-01-06 15:55 killTime',
      '2026-01-06 16:00 close',
      '2026-01-06 16:15 endOfDay',
    ]);
  });

  it('ends early with an early close: a time of day beyond it never comes, minutes before the close do', () => {
    expect(day('2026-11-27')).toEqual([
      '2026-11-27 09:00 preMarket',
      '2026-11-27 09:30 open',
      '2026-11-27 12:55 killTime',
      '2026-11-27 13:00 close',
      '2026-11-27 13:15 endOfDay',
    ]);
  });

  it('is empty on holidays and weekends', () => {
    expect(day('2026-11-26')).toEqual([]);
    expect(day('2026-11-28')).toEqual([]);
  });

  it('keeps the local times over a change of the clocks, and the UTC times not', () => {
    const [friday, monday] = ['2026-03-06', '2026-03-09'];
    const bare = (date: string) => day(date).map((line) => line.slice(11));
    expect(bare(monday)).toEqual(bare(friday));
    const openUtc = (date: string) =>
      (sessionDay(XNYS, date, TIMES)[1]?.atUs ?? 0) - dayNumber(date) * 86_400_000_000;
    expect(openUtc(friday) - openUtc(monday)).toBe(3_600_000_000);
  });

  it('goes round the clock where the market never closes: one day ends as the next begins', () => {
    const kills = [{ kind: 'at', time: '23:30' }] as const;
    expect(day('2026-01-06', getCalendar('24x7'), { ...TIMES, kills })).toEqual([
      '2026-01-06 00:00 preMarket',
      '2026-01-06 00:00 open',
      '2026-01-06 23:30 killTime',
      '2026-01-07 00:00 close',
      '2026-01-07 00:00 endOfDay',
    ]);
  });

  it('counts a kill time before the open from the open on, and rules of one time once', () => {
    const kills = [
      { kind: 'at', time: '08:00' },
      { kind: 'beforeClose', minutes: 600 },
    ] as const;
    expect(day('2026-01-06', XNYS, { ...TIMES, kills }).slice(1, 3)).toEqual([
      '2026-01-06 09:30 open',
      '2026-01-06 09:30 killTime',
    ]);
    expect(sessionDay(XNYS, '2026-01-06', { ...TIMES, kills })).toHaveLength(5);
  });
});

describe('how a market stands', () => {
  it('says the holiday, and what comes next', () => {
    const state = sessionState(XNYS, at('2026-11-26T15:00:00Z'), TIMES);
    expect(state).toMatchObject({
      localDate: '2026-11-26',
      isOpen: false,
      closure: 'Thanksgiving Day',
      session: { date: '2026-11-27', earlyClose: true },
      next: { kind: 'preMarket', date: '2026-11-27', atUs: at('2026-11-27T14:00:00Z') },
    });
  });

  it('names weekends and closures that were no holidays', () => {
    expect(XNYS.closure('2026-11-28')).toBe('weekend');
    expect(XNYS.closure('2025-01-09')).toBe('mourning for Jimmy Carter');
    expect(XNYS.closure('2026-11-27')).toBeUndefined();
    expect(() => XNYS.closure('1990-01-02')).toThrow(/CALENDAR.RANGE|1998/);
  });

  it('is open from the open on and closed at the close', () => {
    const state = (text: string) => sessionState(XNYS, at(text), TIMES);
    expect(state('2026-01-06T14:30:00Z')).toMatchObject({
      isOpen: true,
      next: { kind: 'killTime', atUs: at('2026-01-06T20:50:00Z') },
    });
    expect(state('2026-01-06T21:00:00Z')).toMatchObject({
      isOpen: false,
      next: { kind: 'endOfDay', date: '2026-01-06' },
    });
    expect(state('2026-01-06T21:15:00Z').next).toMatchObject({
      kind: 'preMarket',
      date: '2026-01-07',
    });
  });
});
