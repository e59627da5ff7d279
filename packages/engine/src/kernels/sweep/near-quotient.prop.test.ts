import { mulDivRound } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flooredProduct, nearestQuotient } from './near-quotient.ts';

const whole = (most: number) => fc.integer({ min: 0, max: most });
/** Small, large, and round in the way that money is. */
const factor = fc.oneof(
  whole(20),
  whole(1_000_000_000_000),
  whole(1_000).map((some) => some * 1_000_000_000),
  whole(2 ** 43),
);
const divisor = fc.oneof(
  whole(30).map((one) => one + 1),
  fc.constantFrom(1_000, 1_000_000, 100_000_000, 1_000_000_000_000),
  whole(1_000_000_000_000).map((one) => one + 1),
);

describe('nearestQuotient', () => {
  it('is mulDivRound, wherever that has a value', () => {
    let seen = 0;
    fc.assert(
      fc.property(factor, factor, divisor, (a, b, by) => {
        if (((a + 1) * (b + 1)) / by > 2 ** 52) return;
        seen += 1;
        expect(nearestQuotient(a, b, by, 1 / by)).toBe(mulDivRound(a, b, by));
      }),
      { numRuns: 20_000 },
    );
    expect(seen).toBeGreaterThan(5_000);
  });

  it('rounds a half up, and what lies a hair beside it the right way', () => {
    const hairs = fc.integer({ min: -2, max: 2 });
    fc.assert(
      fc.property(whole(2 ** 40), hairs, (quotient, hair) => {
        // 2 × 10^12 parts to the micro: a hair is far less than floats tell at this size.
        const by = 4_096;
        const product = quotient * by + by / 2 + hair;
        if (!Number.isSafeInteger(product) || product < 0) return;
        const expected = hair < 0 ? quotient : quotient + 1;
        expect(nearestQuotient(product, 1, by, 1 / by)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it('says what mulDivRound says of what cannot be counted', () => {
    expect(() => nearestQuotient(2 ** 50, 2 ** 50, 3, 1 / 3)).toThrow(/not a safe integer/);
  });
});

describe('flooredProduct', () => {
  it('is the exact floor, or says that it does not know', () => {
    let known = 0;
    const rate = fc.oneof(fc.constantFrom(0, 100, 10_000, 1_000_000), whole(10_000_000));
    fc.assert(
      fc.property(factor, rate, (amount, parts) => {
        const all = 100_000_000;
        const got = flooredProduct(amount, 1 / (1 + parts / all));
        if (Number.isNaN(got)) return;
        known += 1;
        expect(BigInt(got)).toBe((BigInt(amount) * BigInt(all)) / BigInt(all + parts));
      }),
      { numRuns: 10_000 },
    );
    expect(known).toBeGreaterThan(3_000);
  });
});
