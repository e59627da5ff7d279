import { CalendarBook } from '@capstan/calendar';
import { US_PER_MINUTE } from '@capstan/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tradingTimeUs } from './trading-time.ts';

const book = new CalendarBook();
const SETS = [['XNYS'], ['24x7'], ['XNYS', 'XNAS'], ['XNYS', '24x7']].map((names) =>
  names.map((name) => book.get(name)),
);
/** Around the end of summer time, an early close and a holiday. */
const BASE_US = Date.UTC(2024, 10, 1) * 1_000;

test('is the number of minutes at which any of the markets is open', () => {
  const minutes = fc.integer({ min: 0, max: 40 * 1_440 });
  fc.assert(
    fc.property(
      fc.constantFrom(...SETS),
      minutes,
      fc.integer({ min: 0, max: 7 * 1_440 }),
      (calendars, from, length) => {
        const fromUs = BASE_US + from * US_PER_MINUTE;
        const starts = Array.from({ length }, (_, index) => fromUs + index * US_PER_MINUTE);
        const open = starts.filter((us) => calendars.some((calendar) => calendar.isOpen(us)));
        expect(tradingTimeUs(calendars, fromUs, fromUs + length * US_PER_MINUTE)).toBe(
          open.length * US_PER_MINUTE,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('is the whole of a span that runs backwards, is longer than a week, or has no calendar', () => {
  const exchange = [book.get('XNYS')];
  expect(tradingTimeUs(exchange, BASE_US + 5, BASE_US)).toBe(5);
  expect(tradingTimeUs([], BASE_US, BASE_US + 5)).toBe(5);
  const monthUs = 30 * 1_440 * US_PER_MINUTE;
  expect(tradingTimeUs(exchange, BASE_US, BASE_US + monthUs)).toBe(monthUs);
});
