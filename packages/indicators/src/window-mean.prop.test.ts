import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowMean } from './window-mean.ts';

const safe = fc.maxSafeInteger();
const price = fc.integer({ min: 1, max: 100_000 }).map((cents) => cents * 10_000_000);
const values = fc.array(fc.oneof(safe, price, fc.integer({ min: -3, max: 3 })), {
  minLength: 1,
  maxLength: 60,
});

function means(period: number, input: readonly number[]): readonly (number | undefined)[] {
  const mean = new WindowMean(period);
  return input.map((value) => mean.next(value));
}

function exactSum(input: readonly number[]): bigint {
  return input.reduce((sum, value) => sum + BigInt(value), 0n);
}

describe('WindowMean', () => {
  it('is as near to the exact mean as a double can be', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), (input, period) => {
        means(period, input).forEach((mean, index) => {
          if (mean === undefined) return;
          const sum = exactSum(input.slice(index + 1 - period, index + 1));
          const scaled = (sum << 80n) / BigInt(period);
          const here = asScaled(mean);
          const off = here > scaled ? here - scaled : scaled - here;
          for (const neighbour of neighbours(mean)) {
            const other = asScaled(neighbour) - scaled;
            expect(off <= (other < 0n ? -other : other) + 1n).toBe(true);
          }
        });
      }),
    );
  });

  it('compares two averages of any lengths as exact fractions compare, ties included', () => {
    fc.assert(
      fc.property(
        fc.array(price, { minLength: 12, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (input, fast, slow) => {
          const a = means(fast, input).at(-1) ?? Number.NaN;
          const b = means(slow, input).at(-1) ?? Number.NaN;
          const left = exactSum(input.slice(-fast)) * BigInt(slow);
          const right = exactSum(input.slice(-slow)) * BigInt(fast);
          expect(Math.sign(a - b)).toBe(left === right ? 0 : left > right ? 1 : -1);
        },
      ),
    );
  });

  it('ties two averages wherever the window of the longer repeats that of the shorter', () => {
    fc.assert(
      fc.property(
        fc.array(safe, { maxLength: 20 }),
        fc.array(safe, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 2, max: 9 }),
        (before, cycle, times) => {
          const input = [...before, ...Array.from({ length: times }, () => cycle).flat()];
          const short = means(cycle.length, input).at(-1);
          expect(means(cycle.length * times, input).at(-1)).toBe(short);
        },
      ),
    );
  });

  it('does not know what was before its window', () => {
    const any = fc.double({ noNaN: true, min: -1e15, max: 1e15 });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(any, safe), { maxLength: 30 }),
        fc.array(fc.oneof(any, safe), { minLength: 1, maxLength: 8 }),
        (before, window) => {
          const long = means(window.length, [...before, ...window]).at(-1);
          expect(long).toBe(means(window.length, window).at(-1));
        },
      ),
    );
  });
});

const view = new DataView(new ArrayBuffer(8));

/** The doubles directly below and above. */
function neighbours(value: number): readonly number[] {
  if (value === 0) return [-Number.MIN_VALUE, Number.MIN_VALUE];
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  return [bits - 1n, bits + 1n].map((next) => {
    view.setBigInt64(0, next);
    return view.getFloat64(0);
  });
}

/** The value times 2^80, truncated: doubles here have no bits below 2^-80 that matter. */
function asScaled(value: number): bigint {
  return BigInt(Math.trunc(value * 2 ** 80));
}
