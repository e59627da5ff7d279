import { describe, expect, it } from 'vitest';
import {
  minuteOfDay,
  readSchedule,
  type ScheduleFields,
  sameSchedule,
  scheduleText,
} from './bot-schedule.ts';

const scheduleOf = (fields: ScheduleFields) => {
  const read = readSchedule(fields);
  if (read.kind === 'problem') throw new Error(`${read.key} ${read.rule}`);
  return read.schedule;
};

describe('a schedule', () => {
  it('is brought into one form: days in the order of the week, nothing that was not given', () => {
    expect(scheduleOf({ days: ['fri', 'mon'], end: '24:00', start: undefined })).toEqual({
      days: ['mon', 'fri'],
      end: '24:00',
      atEnd: 'hold',
    });
    expect(scheduleOf({ beforeCloseMinutes: 0, atEnd: 'flatten' })).toEqual({
      beforeCloseMinutes: 0,
      atEnd: 'flatten',
    });
  });

  it.each<[ScheduleFields, string]>([
    [{}, 'undefined must be always, or bound by days, start, end'],
    [{ timeZone: 'UTC' }, 'undefined must be always'],
    [{ days: [] }, 'days must be days among mon, tue'],
    [{ days: ['monday'] }, 'days must be days among mon, tue'],
    [
      { days: ['mon', 'mon'] },
      'days must be days among mon, tue, wed, thu, fri, sat, sun, each once',
    ],
    [{ start: '9:35' }, 'start must be a time of day such as 09:35'],
    [{ start: '24:00' }, 'start must be a time of day'],
    [{ end: '25:00' }, 'end must be a time of day such as 15:55, or 24:00'],
    [{ end: '12:60' }, 'end must be a time of day'],
    [{ end: '00:00' }, 'end must be a time of day'],
    [{ start: '09:35', end: '09:35' }, 'end must differ from start'],
    [{ start: '09:35', timeZone: 'Europe/Rome' }, 'timeZone must be one of UTC, America/New_York'],
    [{ afterOpenMinutes: -1 }, 'afterOpenMinutes must be whole minutes, 0 to 1440'],
    [{ beforeCloseMinutes: 2.5 }, 'beforeCloseMinutes must be whole minutes'],
    [{ end: '15:55', atEnd: 'leave' }, 'atEnd must be one of hold, flatten'],
  ])('is refused with its key and rule: %j', (fields, words) => {
    expect(() => scheduleOf(fields)).toThrow(words);
  });

  it.each<[ScheduleFields, string]>([
    [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:35', end: '15:55' },
      'mon-fri 09:35-15:55',
    ],
    [{ days: ['mon', 'wed'], end: '12:00', timeZone: 'UTC' }, 'mon,wed 00:00-12:00 UTC'],
    [{ start: '18:00' }, '18:00-24:00'],
    [
      { afterOpenMinutes: 5, beforeCloseMinutes: 10, atEnd: 'flatten' },
      'open+5m close-10m, then flat',
    ],
  ])('is written in a few words: %j', (fields, text) => {
    expect(scheduleText(scheduleOf(fields))).toBe(text);
  });

  it('is compared by what it says', () => {
    const week = scheduleOf({ days: ['tue', 'mon'], start: '10:00' });
    expect(sameSchedule(week, scheduleOf({ days: ['mon', 'tue'], start: '10:00' }))).toBe(true);
    expect(sameSchedule(week, { ...week, atEnd: 'flatten' })).toBe(false);
    expect(sameSchedule(week, undefined)).toBe(false);
    expect(sameSchedule(undefined, undefined)).toBe(true);
    expect(scheduleText(undefined)).toBe('always');
  });

  it('reads times of day', () => {
    expect(['00:00', '09:35', '24:00', '24:01', 'noon'].map(minuteOfDay)).toEqual([
      0,
      575,
      1440,
      undefined,
      undefined,
    ]);
  });
});
