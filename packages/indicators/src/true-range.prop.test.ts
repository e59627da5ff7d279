import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillBarColumn, fillFromBars } from './fill.ts';
import { arbitraryBar, toColumns } from './test-bars.ts';
import { fillTrueRanges, trueRange } from './true-range.ts';

const columns = ['highNanos', 'lowNanos', 'closeNanos'] as const;
const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

it('a column with a price that is no number is left to the kernel, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryBar, { minLength: 1, maxLength: 12 }),
      ...([fc.nat(11), fc.constantFrom(...columns), bad] as const),
      (bars, at, name, price) => {
        const own = toColumns(bars);
        own[name][at % bars.length] = price;
        expect(fillTrueRanges(own, new Float64Array(bars.length))).toBe(false);
        const [filled, wanted] = [new Float64Array(bars.length), new Float64Array(bars.length)];
        fillBarColumn({ indicator: trueRange, parameters: {} }, own, filled);
        fillFromBars(trueRange.create({}), own, wanted);
        expect(filled).toEqual(wanted);
      },
    ),
  );
});
