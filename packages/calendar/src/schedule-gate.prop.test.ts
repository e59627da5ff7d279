import {
  type BotSchedule,
  readSchedule,
  SCHEDULE_DAYS,
  type ScheduleDay,
  TIME_ZONES,
  type TimeZone,
  US_PER_MINUTE,
} from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayOf } from './civil-date.ts';
import { getCalendar } from './get-calendar.ts';
import { ScheduleGate } from './schedule-gate.ts';
import { zoneOffsetUs } from './time-zone.ts';

const MINUTES_PER_DAY = 1_440;
const newYork = getCalendar('XNYS');
const calendars = fc.constantFrom(newYork, getCalendar('24x7'));
const zones = fc.constantFrom(...TIME_ZONES);

const span = { min: dayOf(1999, 1, 1), max: dayOf(2037, 12, 30) };
/** Minutes of the years, half of them close to where clocks change. */
const minutes = fc
  .oneof(
    fc.integer({ min: span.min * MINUTES_PER_DAY, max: span.max * MINUTES_PER_DAY }),
    fc
      .tuple(
        fc.integer({ min: 1999, max: 2037 }),
        fc.constantFrom([3, 31], [3, 14], [4, 7], [10, 31], [11, 7]),
        fc.integer({ min: -7 * MINUTES_PER_DAY, max: MINUTES_PER_DAY }),
      )
      .map(([year, [month = 1, day = 1], by]) => dayOf(year, month, day) * MINUTES_PER_DAY + by),
  )
  .map((minute) => minute * US_PER_MINUTE);

const clocks = new Map(
  TIME_ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    }),
  ]),
);

/** What the platform's own time zone data shows on the wall at a time. */
function wall(us: number, zone: TimeZone): { day: ScheduleDay; time: string } {
  const parts = clocks.get(zone)?.formatToParts(us / 1000) ?? [];
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { day: part.weekday?.toLowerCase() as ScheduleDay, time: `${part.hour}:${part.minute}` };
}

const timeOfDay = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const hours = fc
  .uniqueArray(fc.integer({ min: 1, max: MINUTES_PER_DAY - 1 }), { minLength: 2, maxLength: 2 })
  .map((pair) => pair.map(timeOfDay));

const schedules: fc.Arbitrary<BotSchedule> = fc
  .record(
    {
      days: fc.subarray([...SCHEDULE_DAYS], { minLength: 1 }),
      hours,
      timeZone: zones,
      afterOpenMinutes: fc.integer({ min: 0, max: 60 }),
      beforeCloseMinutes: fc.integer({ min: 0, max: 60 }),
    },
    { requiredKeys: ['days'] },
  )
  .map(({ hours: bounds, ...rest }) => {
    const [start, end] = bounds ?? [];
    const read = readSchedule({ ...rest, start, end });
    if (read.kind === 'problem') throw new Error(read.rule);
    return read.schedule;
  });

it("adds to UTC what the platform's time zone data adds, in every zone", () => {
  fc.assert(
    fc.property(minutes, zones, (us, zone) => {
      const { time } = wall(us, zone);
      const local = (us + zoneOffsetUs(zone, us)) / US_PER_MINUTE;
      expect(timeOfDay(local - Math.floor(local / MINUTES_PER_DAY) * MINUTES_PER_DAY)).toBe(time);
    }),
    { numRuns: 1_000 },
  );
});

it('is open exactly while the clock on the wall shows a day and a time of the schedule', () => {
  fc.assert(
    fc.property(
      minutes,
      calendars,
      fc.subarray([...SCHEDULE_DAYS], { minLength: 1 }),
      hours,
      fc.option(zones, { nil: undefined }),
      (us, calendar, days, [start = '', end = ''], timeZone) => {
        const gate = new ScheduleGate({
          days,
          start,
          end,
          ...(timeZone === undefined ? {} : { timeZone }),
          atEnd: 'hold',
        });
        const { day, time } = wall(us, timeZone ?? calendar.timeZone);
        const of = (offset: number) =>
          SCHEDULE_DAYS[(SCHEDULE_DAYS.indexOf(day) + offset) % 7] ?? 'mon';
        const expected =
          start < end
            ? days.includes(of(0)) && time >= start && time < end
            : (days.includes(of(0)) && time >= start) || (days.includes(of(6)) && time < end);
        expect(gate.isOpen(us, calendar)).toBe(expected);
      },
    ),
    { numRuns: 1_000 },
  );
});

it('is within the session and its margins wherever session bounds are given', () => {
  const margins = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }));
  fc.assert(
    fc.property(minutes, margins, (us, [afterOpenMinutes, beforeCloseMinutes]) => {
      const gate = new ScheduleGate({ afterOpenMinutes, beforeCloseMinutes, atEnd: 'hold' });
      const session = newYork.sessionAt(us - 1);
      const expected =
        session !== undefined &&
        us - session.openUs >= afterOpenMinutes * US_PER_MINUTE &&
        session.closeUs - us > beforeCloseMinutes * US_PER_MINUTE;
      expect(gate.isOpen(us, newYork)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

it('answers the same whatever was asked before', () => {
  fc.assert(
    fc.property(
      schedules,
      fc.array(fc.tuple(minutes, calendars), { minLength: 1, maxLength: 20 }),
      (schedule, asked) => {
        const gate = new ScheduleGate(schedule);
        for (const [us, calendar] of [...asked, ...asked])
          expect(gate.isOpen(us, calendar)).toBe(new ScheduleGate(schedule).isOpen(us, calendar));
      },
    ),
  );
});
