import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayOf } from './civil-date.ts';
import { newYorkOffsetUs, newYorkTimeUs } from './new-york.ts';

const DAY_US = 86_400_000_000;
const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
});

function platformOffsetUs(us: number): number {
  const part = Object.fromEntries(clock.formatToParts(us / 1000).map((p) => [p.type, p.value]));
  const local = Date.UTC(
    Number(part.year),
    Number(part.month) - 1,
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
  );
  return local * 1000 - us;
}

const minuteUs = fc
  .integer({ min: dayOf(1998, 1, 1) * 1440, max: dayOf(2037, 12, 31) * 1440 })
  .map((minute) => minute * 60_000_000);

it("adds to UTC what the platform's time zone data adds", () => {
  fc.assert(
    fc.property(minuteUs, (us) => {
      expect(newYorkOffsetUs(us)).toBe(platformOffsetUs(us));
    }),
    { numRuns: 500 },
  );
});

it('shows the asked time of day at the time it returns', () => {
  const days = fc.integer({ min: dayOf(1998, 1, 1), max: dayOf(2099, 12, 31) });
  fc.assert(
    fc.property(days, fc.integer({ min: 180, max: 1439 }), (day, minute) => {
      const us = newYorkTimeUs(day, minute);
      return us + newYorkOffsetUs(us) === day * DAY_US + minute * 60_000_000;
    }),
  );
});
