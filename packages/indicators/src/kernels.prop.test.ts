import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atr } from './atr.ts';
import { ema } from './ema.ts';
import { sessionVwap } from './session-vwap.ts';
import { sma } from './sma.ts';
import { arbitraryBar } from './test-bars.ts';
import { naiveSma, naiveSmoothed, naiveTrueRanges, naiveVwap } from './test-reference.ts';
import { trueRange } from './true-range.ts';

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
});
