import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayOf } from './civil-date.ts';
import { getCalendar } from './get-calendar.ts';
import {
  nextSessionEvent,
  SESSION_EVENTS,
  type SessionTimes,
  sessionDay,
  sessionEvents,
} from './session-day.ts';

const DAY_US = 86_400_000_000;
const calendars = { XNYS: getCalendar('XNYS'), '24x7': getCalendar('24x7') };
const name = fc.constantFrom('XNYS' as const, '24x7' as const);
const minute = fc.integer({ min: 0, max: 1_439 });
const clock = minute.map((of) => new Date(of * 60_000).toISOString().slice(11, 16));
const kill = fc.oneof(
  clock.map((time) => ({ kind: 'at' as const, time })),
  fc.integer({ min: 1, max: 1_440 }).map((minutes) => ({ kind: 'beforeClose' as const, minutes })),
);
const times: fc.Arbitrary<SessionTimes> = fc.record({
  preMarketMinutes: fc.integer({ min: 0, max: 2_000 }),
  endOfDayMinutes: fc.integer({ min: 0, max: 2_000 }),
  kills: fc.array(kill, { maxLength: 3 }),
});
const time = fc.integer({ min: dayOf(1998, 1, 9) * DAY_US, max: dayOf(2098, 1, 1) * DAY_US });
const span = fc.integer({ min: 0, max: 12 * DAY_US });

it('runs through days in order, which never overlap', () => {
  fc.assert(
    fc.property(name, time, span, times, (which, us, length, rules) => {
      const calendar = calendars[which];
      const found = sessionEvents(calendar, us, us + length, rules);
      for (const [index, event] of found.entries()) {
        const before = found[index - 1];
        if (before === undefined) continue;
        expect(event.atUs).toBeGreaterThanOrEqual(before.atUs);
        const rank = (kind: (typeof SESSION_EVENTS)[number]) => SESSION_EVENTS.indexOf(kind);
        if (event.date === before.date) {
          expect(rank(event.kind)).toBeGreaterThanOrEqual(rank(before.kind));
        } else {
          expect(event.date > before.date).toBe(true);
          if (found[0]?.date !== before.date) expect(before.kind).toBe('endOfDay');
        }
      }
      expect(found.every(({ atUs }) => atUs > us && atUs <= us + length)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('is the same walked in any steps: no event is lost at a border and none comes twice', () => {
  fc.assert(
    fc.property(
      name,
      time,
      fc.array(span, { minLength: 1, maxLength: 6 }),
      times,
      (which, us, steps, rules) => {
        const calendar = calendars[which];
        let atUs = us;
        const walked = steps.flatMap((step) => {
          const found = sessionEvents(calendar, atUs, atUs + step, rules);
          atUs += step;
          return found;
        });
        expect(walked).toEqual(sessionEvents(calendar, us, atUs, rules));
      },
    ),
    { numRuns: 200 },
  );
});

it('comes next in the schedule of its own day, with nothing between', () => {
  fc.assert(
    fc.property(name, time, times, (which, us, rules) => {
      const calendar = calendars[which];
      const next = nextSessionEvent(calendar, us, rules);
      expect(next.atUs).toBeGreaterThan(us);
      expect(sessionEvents(calendar, us, next.atUs - 1, rules)).toEqual([]);
      expect(sessionDay(calendar, next.date, rules)).toContainEqual(next);
    }),
    { numRuns: 300 },
  );
});

it('has open and close where the calendar has them, and kill times between', () => {
  fc.assert(
    fc.property(name, time, times, (which, us, rules) => {
      const calendar = calendars[which];
      const session = calendar.sessionAtOrAfter(us);
      const day = sessionDay(calendar, session.date, rules);
      const of = (kind: (typeof SESSION_EVENTS)[number]) =>
        day.filter((event) => event.kind === kind).map(({ atUs }) => atUs);
      expect(of('open')).toEqual([session.openUs]);
      expect(of('close')).toEqual([session.closeUs]);
      for (const atUs of of('killTime')) {
        expect(atUs >= session.openUs && atUs < session.closeUs).toBe(true);
      }
      expect(of('preMarket')).toHaveLength(1);
      expect(of('endOfDay')).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});
