import { expect, it } from 'vitest';
import { durationText, progressLine } from './progress-line.ts';

it('shows share, count, rate and time left', () => {
  expect(progressLine({ done: 450, count: 1_000, elapsedMs: 1_000 })).toBe(
    '█████████░░░░░░░░░░░  45 %  450 of 1,000  450/s  0:02 left',
  );
});

it('fits a line of 80 with millions of bars', () => {
  const progress = { done: 1_234_567, count: 9_551_360, elapsedMs: 9_000, unit: 'bars' };
  const line = progressLine(progress);
  expect(line).toContain('1,234,567 of 9,551,360 bars  137,174/s  1:01 left');
  expect(line.length).toBeLessThan(80);
});

it('counts the rate without what was done before', () => {
  const line = progressLine({ done: 900, before: 890, count: 1_000, elapsedMs: 2_000 });
  expect(line).toContain('5.0/s  0:20 left');
});

it('says nothing of the time left before there is a rate', () => {
  expect(progressLine({ done: 0, count: 7, elapsedMs: 0 })).toMatch(/0 of 7 {2}0\.0\/s$/);
});

it.each([
  [6.2, '0:07'],
  [3_723, '1:02:03'],
  [3 * 86_400, '3 days'],
  [11 * 365 * 86_400, '11 years'],
])('writes %s seconds as %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
