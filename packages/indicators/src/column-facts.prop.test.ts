import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wholeMagnitude } from './column-facts.ts';

const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
const odd = fc.constantFrom(0.5, -1e-9, Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 52) - 0.5);

it('the magnitude of a column is the largest where all are whole, wherever that stands', () => {
  const rows = fc.oneof(fc.nat(12), fc.integer({ min: 4_090, max: 4_110 }));
  const spoilt = fc.option(fc.tuple(fc.nat(), odd), { freq: 2 });
  let wholes = 0;
  fc.assert(
    fc.property(rows, whole, fc.nat(), spoilt, (count, most, place, spoiling) => {
      const values = Float64Array.from({ length: count }, (_, row) => row % 7);
      if (count > 0) values[place % count] = most;
      if (count > 0 && spoiling !== null) values[spoiling[0] % count] = spoiling[1];
      const areWhole = values.every(Number.isInteger);
      const wanted = areWhole ? values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) : undefined;
      expect(wholeMagnitude(values)).toBe(wanted);
      wholes += areWhole ? 1 : 0;
    }),
    { numRuns: 400 },
  );
  expect(wholes).toBeGreaterThan(50);
  expect(wholes).toBeLessThan(350);
});
