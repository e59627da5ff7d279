import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atr } from './atr.ts';
import { ema } from './ema.ts';
import { sessionVwap, sessionVwapLower, sessionVwapUpper } from './session-vwap.ts';
import { sma } from './sma.ts';
import { arbitraryBar } from './test-bars.ts';
import {
  naiveSma,
  naiveSmoothed,
  naiveTrueRanges,
  naiveVwap,
  naiveVwapDeviation,
} from './test-reference.ts';
import { trueRange } from './true-range.ts';
import { wma } from './wma.ts';

const period = fc.integer({ min: 1, max: 20 });
const numbers = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { maxLength: 80 });
const nanos = fc.array(fc.integer({ min: 1, max: 2 ** 31 }), { maxLength: 80 });
const values = fc.oneof(numbers, nanos);
const bars = fc.array(arbitraryBar, { maxLength: 80 });

/** Near to 1e-9 of the figures at hand, which is what the inputs span. */
function expectNear(actual: number | undefined, wanted: number | undefined, scale: number): void {
  expect(actual === undefined).toBe(wanted === undefined);
  expect(Math.abs((actual ?? 0) - (wanted ?? 0))).toBeLessThanOrEqual(1e-9 * Math.max(1, scale));
}

const spanOf = (input: readonly number[]): number =>
  input.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('kernels against their definitions', () => {
  it('sma and ema agree over the whole history', () => {
    fc.assert(
      fc.property(values, period, (input, length) => {
        const simple = sma.create({ period: length });
        const exponential = ema.create({ period: length });
        input.forEach((value, index) => {
          const history = input.slice(0, index + 1);
          const scale = spanOf(history);
          expectNear(simple.next(value), naiveSma(history, length), scale);
          const wanted = naiveSmoothed(history, length, 2 / (length + 1));
          expectNear(exponential.next(value), wanted, scale);
        });
      }),
    );
  });

  it('true range, atr and vwap agree over the whole history', () => {
    fc.assert(
      fc.property(bars, period, (input, length) => {
        const range = trueRange.create({});
        const average = atr.create({ period: length });
        const vwap = sessionVwap.create({});
        input.forEach((bar, index) => {
          const history = input.slice(0, index + 1);
          const ranges = naiveTrueRanges(history);
          expect(range.next(bar)).toBe(ranges.at(-1));
          const wanted = naiveSmoothed(ranges, length, 1 / length);
          expectNear(average.next(bar), wanted, spanOf(ranges));
          const wantedVwap = naiveVwap(history);
          expectNear(vwap.next(bar), wantedVwap, wantedVwap ?? 0);
        });
      }),
    );
  });

  it('vwap bands agree with exact fractions', () => {
    fc.assert(
      fc.property(bars, fc.double({ min: 0, max: 4, noNaN: true }), (input, multiple) => {
        const upper = sessionVwapUpper.create({ multiple });
        const lower = sessionVwapLower.create({ multiple });
        input.forEach((bar, index) => {
          const history = input.slice(0, index + 1);
          const mean = naiveVwap(history);
          const deviation = naiveVwapDeviation(history);
          const wanted = (side: number) =>
            mean === undefined ? undefined : mean + side * multiple * (deviation ?? 0);
          expectNear(upper.next(bar), wanted(1), mean ?? 0);
          expectNear(lower.next(bar), wanted(-1), mean ?? 0);
        });
      }),
    );
  });

  it('wma is the exact fraction to the nearest double, whatever came before', () => {
    const integers = fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 40 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(integers, period, (input, length) => {
        const kernel = wma.create({ period: length });
        input.forEach((value, index) => {
          const mean = kernel.next(value);
          if (mean === undefined) return;
          const window = input.slice(index + 1 - length, index + 1);
          const sum = window.reduce((total, one, at) => total + BigInt(one) * BigInt(at + 1), 0n);
          const weights = BigInt((length * (length + 1)) / 2);
          const off = BigInt(Math.trunc(mean * 2 ** 60)) * weights - (sum << 60n);
          const spacing = BigInt(Math.trunc(Math.abs(mean) * 2 ** 8)) + 1n;
          expect((off < 0n ? -off : off) <= (weights * spacing) / 2n + weights).toBe(true);
        });
      }),
    );
  });
});
