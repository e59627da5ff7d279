import { InvariantError } from '@capstan/domain';
import { expect, it } from 'vitest';
import { Random } from './random.ts';

const draws = (seed: number, count = 2_000): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.integer(0, 9));
};

it('draws the same from the same seed and other numbers from another', () => {
  expect(draws(5)).toEqual(draws(5));
  expect(draws(5)).not.toEqual(draws(6));
  expect(draws(-1)).not.toEqual(draws(1));
  expect(draws(2 ** 40)).not.toEqual(draws(0));
  expect(() => new Random(0.5)).toThrow(InvariantError);
});

it('draws every integer of a range about as often', () => {
  const counts = new Array<number>(10).fill(0);
  for (const drawn of draws(1, 20_000)) counts[drawn] = (counts[drawn] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250);
});

it('strikes with the probability given', () => {
  const random = new Random(2);
  const struck = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean).length;
  expect(Math.abs(struck - 2_000)).toBeLessThan(200);
  expect(random.chance(0)).toBe(false);
  expect(random.chance(1)).toBe(true);
  expect(() => random.pick([])).toThrow(InvariantError);
});
