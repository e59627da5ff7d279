import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from './nearest.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });

describe('editDistance', () => {
  it('is zero for equal words only, symmetric, and between the difference and the greater of the lengths', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  it('counts one for one letter put in', () => {
    fc.assert(
      fc.property(word, fc.nat(8), (a, where) => {
        expect(editDistance(a, `${a.slice(0, where)}x${a.slice(where)}`)).toBe(1);
      }),
    );
  });
});
