import { expect, test } from 'vitest';
import { RestartBackoff } from './restart-backoff.ts';

test('doubles from 250 ms to 10 s and stays there', () => {
  const backoff = new RestartBackoff();
  const delays = Array.from({ length: 8 }, () => backoff.afterCrash(0));
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('starts over after 30 s of health, not after less', () => {
  const backoff = new RestartBackoff();
  backoff.afterCrash(0);
  backoff.afterCrash(0);
  expect(backoff.afterCrash(29_999)).toBe(1_000);
  expect(backoff.afterCrash(30_000)).toBe(250);
  expect(backoff.afterCrash(0)).toBe(500);
});
