import { afterEach, expect, test, vi } from 'vitest';
import { createSystemClock, systemClock } from './system-clock.ts';
import { createSystemIds } from './system-ids.ts';

afterEach(() => vi.useRealTimers());

test('tells microseconds of the system clock, finer than its milliseconds', () => {
  const before = Date.now();
  const readings = Array.from({ length: 2_000 }, () => systemClock.nowUs());
  const after = Date.now();
  for (const us of readings) {
    expect(us / 1_000).toBeGreaterThanOrEqual(before - 3);
    expect(us / 1_000).toBeLessThanOrEqual(after + 3);
  }
  expect(readings.some((us) => us % 1_000 !== 0)).toBe(true);
});

test('follows a step of the system clock', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(1_000_000);
  const clock = createSystemClock();
  vi.setSystemTime(5_000_000);
  expect(clock.nowUs()).toBe(5_000_000_000);
  vi.setSystemTime(2_000_000);
  expect(clock.nowUs()).toBe(2_000_000_000);
});

test('sleeps as long as asked, also longer than one timer lasts', async () => {
  vi.useFakeTimers();
  let isOver = false;
  const days = 30 * 86_400_000;
  const slept = systemClock.sleep(days).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(days - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await slept;
  expect(isOver).toBe(true);
});

test('wakes at once when aborted, before or during the sleep', async () => {
  vi.useFakeTimers();
  await systemClock.sleep(60_000, AbortSignal.abort());
  const stop = new AbortController();
  const slept = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await slept;
  expect(vi.getTimerCount()).toBe(0);
});

test('never draws a name twice, and goes forward', () => {
  const ids = createSystemIds();
  const drawn = Array.from({ length: 1_000 }, () => ids.random());
  expect(new Set(drawn).size).toBe(1_000);
  expect(ids.incarnation()).toContain(String(process.pid));
  expect(ids.incarnation()).not.toBe(ids.incarnation());
  expect(systemClock.monotonicMs()).toBeLessThanOrEqual(systemClock.monotonicMs());
});
