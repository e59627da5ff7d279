import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayOf } from './civil-date.ts';
import { getCalendar } from './get-calendar.ts';

const DAY_US = 86_400_000_000;
const FROM_US = dayOf(1998, 1, 5) * DAY_US;
const TO_US = dayOf(2098, 1, 1) * DAY_US;
const name = fc.constantFrom('XNYS', '24x7');
const time = fc.integer({ min: FROM_US, max: TO_US });

it('has sessions strictly in order, open before they close, for a century', () => {
  for (const each of ['XNYS', '24x7']) {
    const sessions = getCalendar(each).sessions(FROM_US, TO_US);
    expect(sessions.length).toBeGreaterThan(25_000);
    let previousCloseUs = 0;
    let previousDate = '';
    for (const { date, openUs, closeUs } of sessions) {
      expect(openUs < closeUs && openUs >= previousCloseUs && date > previousDate).toBe(true);
      previousCloseUs = closeUs;
      previousDate = date;
    }
  }
});

it('never pauses New York for more than six days', () => {
  const sessions = getCalendar('XNYS').sessions(FROM_US, TO_US);
  const pauses = sessions
    .slice(1)
    .map((session, i) => session.openUs - (sessions[i]?.closeUs ?? 0));
  expect(Math.max(...pauses)).toBeLessThan(7 * DAY_US);
});

it('agrees with itself whichever way it is asked', () => {
  const kept = { XNYS: getCalendar('XNYS'), '24x7': getCalendar('24x7') };
  fc.assert(
    fc.property(name, time, (which, us) => {
      const calendar = kept[which as keyof typeof kept];
      const session = calendar.sessionAt(us);
      const next = calendar.sessionAtOrAfter(us);
      expect(session).toEqual(getCalendar(which).sessionAt(us));
      expect(calendar.isOpen(us)).toBe(session !== undefined);
      expect(session ?? next).toEqual(next);
      expect(calendar.session(next.date)).toEqual(next);
      expect(calendar.nextOpen(us)).toBeGreaterThanOrEqual(us);
      expect(calendar.previousClose(us)).toBeLessThanOrEqual(us);
      expect(calendar.isOpen(calendar.nextOpen(us))).toBe(true);
      expect(calendar.sessionAt(calendar.previousClose(us) - 1)).toBeDefined();
      expect(calendar.nextSession(calendar.previousSession(next.date).date)).toEqual(next);
      expect(calendar.sessions(us, us + 1)).toEqual(session === undefined ? [] : [session]);
      if (session === undefined) expect(calendar.nextOpen(us)).toBe(next.openUs);
      else expect(calendar.tradeDate(us)).toBe(session.date);
    }),
    { numRuns: 300 },
  );
});

it('gives answers that do not depend on what was asked before', () => {
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 20 }), (times) => {
      const calendar = getCalendar('XNYS');
      const forward = times.map((us) => calendar.sessionAtOrAfter(us));
      const backward = times.toReversed().map((us) => calendar.sessionAtOrAfter(us));
      expect(backward.toReversed()).toEqual(forward);
    }),
  );
});
