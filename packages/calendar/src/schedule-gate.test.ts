import { type BotSchedule, US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { getCalendar } from './get-calendar.ts';
import { ScheduleGate } from './schedule-gate.ts';

const utcUs = (text: string): number => Date.parse(`${text}Z`) * 1000;
const newYork = getCalendar('XNYS');
const always = getCalendar('24x7');

const isOpen = (schedule: Partial<BotSchedule>, at: string, calendar = newYork): boolean =>
  new ScheduleGate({ atEnd: 'hold', ...schedule }).isOpen(utcUs(at), calendar);

/** Returns the first and the last slice end within a span at which a schedule is open, as UTC times of day. */
function openIn(schedule: Partial<BotSchedule>, from: string, to: string): readonly string[] {
  const gate = new ScheduleGate({ atEnd: 'hold', ...schedule });
  const found: number[] = [];
  for (let us = utcUs(from); us <= utcUs(to); us += US_PER_MINUTE)
    if (gate.isOpen(us, newYork)) found.push(us);
  const text = (us: number) => new Date(us / 1000).toISOString().slice(11, 16);
  return found.length === 0 ? [] : [text(found[0] ?? 0), text(found.at(-1) ?? 0)];
}

describe('hours of the day', () => {
  const hours = { start: '09:35', end: '15:55' };

  it("are those of the exchange's clock: the start included, the end not", () => {
    expect(isOpen(hours, '2026-01-05T14:34:00')).toBe(false);
    expect(isOpen(hours, '2026-01-05T14:35:00')).toBe(true);
    expect(isOpen(hours, '2026-01-05T20:54:00')).toBe(true);
    expect(isOpen(hours, '2026-01-05T20:55:00')).toBe(false);
  });

  it('move with the clocks: New York goes forward on 8 March 2026 and back on 1 November', () => {
    const week = (day: string) => openIn(hours, `${day}T00:00:00`, `${day}T23:59:00`);
    expect(week('2026-03-06')).toEqual(['14:35', '20:54']);
    expect(week('2026-03-09')).toEqual(['13:35', '19:54']);
    expect(week('2026-10-30')).toEqual(['13:35', '19:54']);
    expect(week('2026-11-02')).toEqual(['14:35', '20:54']);
  });

  it('follow the zone that is named instead, also in the weeks when only one side has changed', () => {
    const london = { ...hours, timeZone: 'Europe/London' } as const;
    const on = (day: string) => openIn(london, `${day}T00:00:00`, `${day}T23:59:00`);
    expect(on('2026-03-20')).toEqual(['09:35', '15:54']);
    expect(on('2026-03-30')).toEqual(['08:35', '14:54']);
  });

  it('are UTC where the market never closes', () => {
    expect(isOpen(hours, '2026-01-05T09:35:00', always)).toBe(true);
    expect(isOpen(hours, '2026-01-05T14:35:00', newYork)).toBe(true);
    expect(isOpen(hours, '2026-01-05T15:55:00', always)).toBe(false);
  });

  it('go past midnight where the end comes before the start, on the days on which they begin', () => {
    const night = { days: ['fri'], start: '22:00', end: '02:00' } as const;
    expect(isOpen(night, '2026-01-09T22:00:00', always)).toBe(true);
    expect(isOpen(night, '2026-01-10T01:59:00', always)).toBe(true);
    expect(isOpen(night, '2026-01-10T02:00:00', always)).toBe(false);
    expect(isOpen(night, '2026-01-09T01:00:00', always)).toBe(false);
    expect(isOpen(night, '2026-01-10T22:00:00', always)).toBe(false);
  });
});

describe('days', () => {
  it('are those of the clock, not of UTC', () => {
    const friday = { days: ['fri'] } as const;
    expect(isOpen(friday, '2026-01-10T04:59:00')).toBe(true);
    expect(isOpen(friday, '2026-01-10T05:00:00')).toBe(false);
    expect(isOpen(friday, '2026-01-09T04:59:00')).toBe(false);
    expect(isOpen({ days: ['sun'] }, '2026-01-11T12:00:00')).toBe(true);
  });
});

describe('minutes of the session', () => {
  const inner = { afterOpenMinutes: 5, beforeCloseMinutes: 10 };
  const on = (day: string, schedule: Partial<BotSchedule>) =>
    openIn(schedule, `${day}T00:00:00`, `${day}T23:59:00`);

  it('follow the open and the close of each day, a half day too', () => {
    expect(on('2024-07-02', inner)).toEqual(['13:35', '19:49']);
    expect(on('2024-07-03', inner)).toEqual(['13:35', '16:49']);
    expect(on('2024-11-29', inner)).toEqual(['14:35', '17:49']);
  });

  it('leave out days without a session, and what lies before the open and after the close', () => {
    expect(on('2024-07-04', inner)).toEqual([]);
    expect(on('2024-07-06', inner)).toEqual([]);
    expect(on('2024-07-02', { afterOpenMinutes: 0 })).toEqual(['13:31', '20:00']);
    expect(on('2024-07-02', { beforeCloseMinutes: 0 })).toEqual(['13:31', '19:59']);
  });

  it('hold together with hours', () => {
    expect(on('2024-07-03', { start: '10:00', beforeCloseMinutes: 10 })).toEqual([
      '14:00',
      '16:49',
    ]);
    expect(on('2024-07-03', { days: ['fri'], afterOpenMinutes: 5 })).toEqual([]);
  });
});
