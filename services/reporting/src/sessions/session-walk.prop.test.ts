import {
  getCalendar,
  type SessionEvent,
  type SessionTimes,
  sessionEvents,
} from '@capstan/calendar';
import { US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { SessionWalk } from './session-walk.ts';

const TIMES: SessionTimes = {
  preMarketMinutes: 30,
  endOfDayMinutes: 15,
  kills: [{ kind: 'beforeClose', minutes: 10 }],
};
const calendars = { XNYS: getCalendar('XNYS'), '24x7': getCalendar('24x7') };
const name = fc.constantFrom('XNYS' as const, '24x7' as const);
/** 2026-01-01 to 2027-01-01. */
const start = fc.integer({ min: 1_767_225_600, max: 1_798_761_600 }).map((s) => s * 1_000_000);
const step = fc.oneof(
  fc.integer({ min: 0, max: 3 * US_PER_MINUTE }),
  fc.integer({ min: 0, max: 1.2 * US_PER_DAY }),
);

it('gives each event once and in order, whenever it is asked, restarted from what was last written', () => {
  fc.assert(
    fc.property(
      name,
      start,
      fc.array(fc.tuple(step, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 25 }),
      (which, startUs, steps) => {
        const calendar = calendars[which];
        let walk = new SessionWalk(calendar, TIMES, startUs);
        let nowUs = startUs;
        let writtenUs = startUs;
        const written: SessionEvent[] = [];
        for (const [forwardUs, crashesBefore, restartsAfter] of steps) {
          nowUs += forwardUs;
          const due = walk.due(nowUs);
          if (crashesBefore) {
            // Nothing was written: the next owner is where this one began.
            walk = new SessionWalk(calendar, TIMES, writtenUs);
            continue;
          }
          if (due.length > 0) {
            written.push(...due);
            writtenUs = nowUs;
          }
          if (restartsAfter) walk = new SessionWalk(calendar, TIMES, writtenUs);
        }
        written.push(...walk.due(nowUs));
        expect(nowUs - startUs).toBeLessThanOrEqual(LIMITS.catchUpUs);
        expect(written).toEqual(sessionEvents(calendar, startUs, nowUs, TIMES));
      },
    ),
    { numRuns: 200 },
  );
});

it('begins the day that it comes into from its start, and no earlier one', () => {
  const { XNYS } = calendars;
  const at = (text: string) => Date.parse(text) * 1_000;
  const kinds = (text: string) =>
    new SessionWalk(XNYS, TIMES).due(at(text)).map(({ date, kind }) => `${date} ${kind}`);
  expect(kinds('2026-01-06T15:00:00Z')).toEqual(['2026-01-06 preMarket', '2026-01-06 open']);
  expect(kinds('2026-01-06T13:00:00Z')).toEqual([]);
  expect(kinds('2026-01-10T15:00:00Z')).toEqual([]);
  expect(kinds('2026-01-06T23:00:00Z')).toHaveLength(5);
});

it('leaves out what is longer past than a month', () => {
  const { XNYS } = calendars;
  const nowUs = Date.parse('2026-06-30T15:00:00Z') * 1_000;
  const due = new SessionWalk(XNYS, TIMES, nowUs - 100 * US_PER_DAY).due(nowUs);
  expect(due).toEqual(sessionEvents(XNYS, nowUs - LIMITS.catchUpUs, nowUs, TIMES));
});

it('never goes back', () => {
  const walk = new SessionWalk(calendars.XNYS, TIMES);
  const nowUs = Date.parse('2026-01-06T15:00:00Z') * 1_000;
  expect(walk.due(nowUs)).toHaveLength(2);
  expect(walk.due(nowUs - US_PER_DAY)).toEqual([]);
  expect(walk.due(nowUs)).toEqual([]);
});
