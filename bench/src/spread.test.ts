import { expect, it } from 'vitest';
import { percentile, spreadOf } from './spread.ts';

it('takes the value at the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 1)).toBe(100);
});

it('orders what it is given by value, not as text', () => {
  expect(spreadOf([10, 9, 100])).toEqual({ count: 3, p50: 10, p99: 100, max: 100 });
});

it('refuses to sum up nothing', () => {
  expect(() => spreadOf([])).toThrow('no percentile of nothing');
});
