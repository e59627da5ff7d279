import { getCalendar } from '@capstan/calendar';
import { expect, test } from 'vitest';
import { regularBars, sessionOpens } from './session-columns.ts';
import { minuteBars, OPEN_US } from './test-bars.ts';

const calendar = getCalendar('XNYS');
const MINUTE_US = 60_000_000;

test('a bar has the open of the session that it lies in wholly, and none elsewhere', () => {
  const bars = minuteBars(392, OPEN_US - MINUTE_US);
  const opens = sessionOpens(bars, calendar, true);
  expect([opens[0], opens[1], opens[390], opens[391]]).toEqual([NaN, OPEN_US, OPEN_US, NaN]);
  expect(opens.buffer).toBeInstanceOf(SharedArrayBuffer);
  const hour = minuteBars(1, OPEN_US + 360 * MINUTE_US, 60);
  expect([...sessionOpens(hour, calendar)]).toEqual([NaN]);
});

test('regular bars are those within sessions, and the same object where all are', () => {
  const bars = minuteBars(392, OPEN_US - MINUTE_US);
  const regular = regularBars(bars, calendar);
  expect(regular.startUs).toHaveLength(390);
  expect(regular.closeNanos[0]).toBe(bars.closeNanos[1]);
  expect(regularBars(regular, calendar)).toBe(regular);
});
