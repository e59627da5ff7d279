import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packColumn } from './pack-column.ts';
import { unpackColumn } from './packed-column.ts';

it('gives back every number at its decimals, and what is missing as missing', () => {
  const value = fc.oneof(
    fc.integer({ min: -1e12, max: 1e12 }).map((units) => units / 100),
    fc.constant(Number.NaN),
  );
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const back = unpackColumn(packColumn(values, 2));
      expect([...back]).toEqual(values.map((one) => (Number.isNaN(one) ? one : one + 0)));
    }),
  );
});

it('refuses a number that does not fit', () => {
  expect(() => packColumn([1e300], 2)).toThrow(/row 0/);
});

it('takes a byte for a small step', () => {
  const rising = Float64Array.from({ length: 3_000 }, (_, row) => row / 100);
  expect(packColumn(rising, 2).base64.length).toBe(4_000);
});
