import { priceNanos } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLikeSplit } from './day-look.ts';

const CLOSE = 100_000_000_000;

/** What a count has become by a ratio, and a price by a move. */
const restated = (count: number, price: number) => ({
  ...{ expected: 1_000, shown: Math.round(1_000 * count) },
  ...{ beforeNanos: priceNanos(CLOSE), afterNanos: priceNanos(Math.round(CLOSE * price)) },
});
const within = (from: number, to: number) => fc.double({ min: from, max: to, noNaN: true });
/** Of three for two and more, either way. */
const ratio = fc
  .tuple(within(1.5, 50), fc.boolean())
  .map(([most, turns]) => (turns ? 1 / most : most));

describe('a count that has changed overnight', () => {
  it('is a split’s where the price has moved against it, but for what a night moves prices', () => {
    fc.assert(
      fc.property(ratio, within(0.9, 1.1), (split, night) => {
        expect(isLikeSplit(restated(split, night / split))).toBe(true);
      }),
    );
  });

  it('is none where the price has moved by less, or as the count', () => {
    fc.assert(
      fc.property(ratio, within(0.8, 1.25), (split, night) => {
        expect(isLikeSplit(restated(split, night))).toBe(false);
        expect(isLikeSplit(restated(split, night * split))).toBe(false);
      }),
    );
  });

  it('is none where it has hardly changed, even where the price has moved by just as little the other way', () => {
    fc.assert(
      fc.property(within(0.992, 1.008), (count) => {
        expect(isLikeSplit(restated(count, 1 / count))).toBe(false);
      }),
    );
  });

  it('is none where it is what it was, however far the price has moved, nor where it is gone or turned', () => {
    fc.assert(
      fc.property(within(0.01, 100), within(-50, 0), (night, other) => {
        expect(isLikeSplit(restated(1, night))).toBe(false);
        expect(isLikeSplit(restated(other, night))).toBe(false);
        expect(isLikeSplit({ ...restated(1, night), expected: 0 })).toBe(false);
      }),
    );
  });
});
