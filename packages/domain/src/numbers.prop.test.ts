import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvariantError } from './errors.ts';
import { formatDecimal, isProductAtMost, mulDivRound, parseDecimal } from './numbers.ts';

const small = fc.integer({ min: -1_000, max: 1_000 });
const safe = fc.oneof(fc.maxSafeInteger(), fc.integer(), small);
const divisor = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.integer({ min: 1, max: 1_000 }),
  fc.constantFrom(1_000, 1_000_000_000_000),
);

/** Half away from zero, by definition: the magnitude's quotient, one more where twice the remainder reaches the divisor. */
function exact(a: number, b: number, by: number): bigint {
  const product = BigInt(a) * BigInt(b);
  const magnitude = product < 0n ? -product : product;
  const quotient = magnitude / BigInt(by);
  const up = (magnitude % BigInt(by)) * 2n >= BigInt(by) ? 1n : 0n;
  return product < 0n ? -(quotient + up) : quotient + up;
}

function agrees(a: number, b: number, by: number): void {
  const expected = exact(a, b, by);
  if (expected > Number.MAX_SAFE_INTEGER || expected < Number.MIN_SAFE_INTEGER) {
    expect(() => mulDivRound(a, b, by)).toThrow(InvariantError);
  } else {
    expect(Object.is(mulDivRound(a, b, by), Number(expected))).toBe(true);
  }
}

it('multiplies and divides as BigInt does over the whole safe range', () => {
  fc.assert(fc.property(safe, safe, divisor, agrees), { numRuns: 5_000 });
});

it('multiplies and divides exactly where the product is wide and the quotient is not', () => {
  const factor = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
  const parts = fc.integer({ min: 1, max: 2 ** 20 });
  const near = fc.integer({ min: -2, max: 2 });
  fc.assert(fc.property(factor, factor, divisor, agrees), { numRuns: 5_000 });
  fc.assert(
    fc.property(factor, parts, fc.integer({ min: 1, max: 2 ** 50 }), near, (a, b, by, off) => {
      agrees(a, b * 2 ** 20 + off, by);
      agrees(by, 2 * b + 1, 2 * by);
      agrees(a, by + off, Math.max(1, by));
    }),
    { numRuns: 5_000 },
  );
});

it('rounds exact halves away from zero', () => {
  const half = fc.integer({ min: 1, max: 2 ** 51 });
  fc.assert(
    fc.property(half, small, fc.boolean(), (by, whole, negative) => {
      const odd = (2 * whole + 1) * (negative ? -1 : 1);
      agrees(odd, by, 2 * by);
    }),
  );
});

it('agrees around the border where products stop being exact', () => {
  const near = fc.integer({ min: -50, max: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 2 ** 26 }), near, divisor, (b, offset, by) => {
      agrees(Math.floor(2 ** 53 / b) + offset, b, by);
    }),
  );
});

it('parses what it formats', () => {
  const places = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(fc.maxSafeInteger(), places, fc.nat({ max: 2 }), (value, decimals, min) => {
      const text = formatDecimal(value, decimals, decimals === 0 ? 0 : min);
      expect(parseDecimal(text, decimals)).toBe(value);
    }),
  );
});

it('compares products as BigInt does, neighbours included', () => {
  const any = fc.maxSafeInteger();
  const near = fc.tuple(any, any, fc.integer({ min: -3, max: 3 })).map(([a, b, off]) => {
    const c = Math.max(1, Math.abs(a) - 1);
    const d = Number((BigInt(a) * BigInt(b)) / BigInt(c)) + off;
    return [a, b, c, Number.isSafeInteger(d) ? d : b] as const;
  });
  const compares = ([a, b, c, d]: readonly [number, number, number, number]): void => {
    expect(isProductAtMost([a, b], [c, d])).toBe(BigInt(a) * BigInt(b) <= BigInt(c) * BigInt(d));
  };
  fc.assert(fc.property(fc.tuple(any, any, any, any), compares), { numRuns: 500 });
  fc.assert(fc.property(near, compares), { numRuns: 2_000 });
});
