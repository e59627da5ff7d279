import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeTimeline } from './timeline.ts';

const ends = fc
  .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 20 })
  .map((all) => Float64Array.from(all).sort());

it('has each end once, in order, and finds each row in it', () => {
  fc.assert(
    fc.property(fc.array(ends, { minLength: 1, maxLength: 4 }), (columns) => {
      const { endUs, sliceOfRow } = mergeTimeline(columns);
      const all = [...new Set(columns.flatMap((column) => [...column]))].sort((a, b) => a - b);
      expect([...endUs]).toEqual(all);
      columns.forEach((column, symbol) => {
        const slices = sliceOfRow[symbol] ?? Int32Array.from(column.keys());
        expect([...slices].map((slice) => endUs[slice])).toEqual([...column]);
        expect(sliceOfRow[symbol] === undefined).toBe(column.length === endUs.length);
      });
    }),
  );
});
