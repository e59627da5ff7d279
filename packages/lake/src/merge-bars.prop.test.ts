import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinBars, takeRows } from './lake-bars.ts';
import { mergeBars } from './merge-bars.ts';
import { minuteBars } from './test-bars.ts';

const whole = minuteBars(60);
/** Some rows of the whole, in order. */
const rows = fc.uniqueArray(fc.nat(59)).map((all) => Uint32Array.from(all.sort((a, b) => a - b)));

describe('mergeBars', () => {
  it('gives every bar of both once, in order, whatever the two share', () => {
    fc.assert(
      fc.property(rows, rows, (left, right) => {
        const merged = mergeBars('x', takeRows(whole, left), takeRows(whole, right));
        const both = [...new Set([...left, ...right])].sort((a, b) => a - b);
        expect(merged.bars).toEqual(takeRows(whole, Uint32Array.from(both)));
        expect(merged.added).toBe(both.length - left.length);
        expect(merged.repeated).toBe(right.length - merged.added);
      }),
    );
  });

  it('refuses a bar that differs or lies across another, whatever its place', () => {
    fc.assert(
      fc.property(fc.nat(59), fc.constantFrom(0, 1, -1), (row, shift) => {
        const one = joinBars([takeRows(whole, Uint32Array.of(row))]);
        one.startUs[0] = (one.startUs[0] ?? 0) + shift;
        one.endUs[0] = (one.endUs[0] ?? 0) + shift;
        one.volume[0] = -1;
        expect(() => mergeBars('x', whole, one)).toThrow(/differs from the one|lies across one/);
      }),
    );
  });
});
