import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dateOfDay, dayNumber, dayOf, partsOfDay, weekdayOfDay } from './civil-date.ts';

const day = fc.integer({ min: dayOf(1, 1, 1), max: dayOf(9998, 12, 31) });

it('turns a day into a date and back', () => {
  fc.assert(fc.property(day, (number) => dayNumber(dateOfDay(number)) === number));
});

it('agrees with the platform on every date', () => {
  fc.assert(
    fc.property(day, (number) => {
      const platform = new Date(number * 86_400_000);
      expect(dateOfDay(number)).toBe(platform.toISOString().slice(0, 10));
      expect(weekdayOfDay(number)).toBe(platform.getUTCDay());
      expect(partsOfDay(number)).toEqual({
        year: platform.getUTCFullYear(),
        month: platform.getUTCMonth() + 1,
        day: platform.getUTCDate(),
      });
    }),
  );
});

it('sorts dates as text in the order of their days', () => {
  fc.assert(fc.property(day, day, (a, b) => dateOfDay(a) < dateOfDay(b) === a < b));
});
