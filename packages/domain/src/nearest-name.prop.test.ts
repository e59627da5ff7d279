import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

const word = fc.string({ maxLength: 12 });

test('the edit distance is a metric', () => {
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test('a known name is its own nearest, and one slip is found', () => {
  const names = ['httpPort', 'grpcPort', 'drainDeadlineMs'];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(7), (name, at) => {
      expect(nearestName(name, names)).toBe(name);
      expect(nearestName(name.slice(0, at) + name.slice(at + 1), names)).toBe(name);
    }),
  );
  expect(nearestName('completelyElse', names)).toBeUndefined();
});
