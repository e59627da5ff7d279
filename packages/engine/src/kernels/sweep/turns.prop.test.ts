import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedTurns, sweepRoom } from './sweep-room.ts';
import { PlainTurns, turnFinder, VectorTurns } from './turns.ts';

/** Levels that tie often, and rows without a value. */
const level = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 0, -0, 0.1 + 0.2, 0.3, -1e300) },
);
const rows = fc.array(fc.tuple(level, level), { minLength: 0, maxLength: 400, size: 'max' });

/** The definition, row by row. */
function turnsOf(fast: Float64Array, slow: Float64Array, from: number): number[] {
  const found: number[] = [];
  let isAbove = false;
  for (let row = from; row < fast.length; row += 1) {
    const [high, low] = [fast[row] ?? Number.NaN, slow[row] ?? Number.NaN];
    const now: boolean = high > low ? true : high < low ? false : isAbove;
    if (now !== isAbove) found.push(row);
    isAbove = now;
  }
  return found;
}

describe('turns', () => {
  it('are found by vectors on this machine', () => {
    expect(turnFinder(10)).toBeInstanceOf(VectorTurns);
  });

  it('are the same by vectors, row by row, and by definition', () => {
    let seen = 0;
    fc.assert(
      fc.property(rows, fc.nat(140), (pairs, from) => {
        const fast = Float64Array.from(pairs, ([one]) => one);
        const slow = Float64Array.from(pairs, ([, other]) => other);
        const expected = turnsOf(fast, slow, from);
        for (const finder of [VectorTurns.on(fast.length), new PlainTurns(fast.length)]) {
          const count = finder?.find({ fast, slow }, from) ?? -1;
          expect([...(finder?.rows.subarray(0, count) ?? [])]).toEqual(expected);
          const lent = finder?.allocate(fast.length) ?? fast;
          lent.set(fast);
          expect(finder?.find({ fast: lent, slow }, from)).toBe(expected.length);
          expect([...(finder?.rows.subarray(0, count) ?? [])]).toEqual(expected);
        }
        seen += expected.length;
      }),
      { numRuns: 500 },
    );
    expect(seen).toBeGreaterThan(5_000);
  });

  it('are the same in each seat of a room, whoever filled the columns', () => {
    let seen = 0;
    fc.assert(
      fc.property(rows, fc.nat(140), (pairs, from) => {
        const room = sweepRoom({ rows: pairs.length, columns: 2, threads: 2 });
        if (room === undefined) throw new Error('this machine shares no memory');
        const seats = [0, 1].map((thread) => new SharedTurns({ room, thread }));
        const columns = seats.map((seat) => [
          seat.allocate(pairs.length),
          seat.allocate(pairs.length),
        ]);
        columns[0]?.[0]?.set(pairs.map(([one]) => one));
        columns[1]?.[1]?.set(pairs.map(([, other]) => other));
        const found = seats.map((seat, thread) => {
          const [one = new Float64Array(0), other = one] = columns[thread] ?? [];
          const [fast, slow] = thread === 0 ? [one, other] : [other, one];
          expect(seat.has(fast) && seat.has(slow)).toBe(true);
          return { seat, count: seat.find({ fast, slow }, from), fast, slow };
        });
        for (const { seat, count, fast, slow } of found) {
          const expected = turnsOf(fast, slow, from);
          expect([...seat.rows.subarray(0, count)]).toEqual(expected);
          seen += expected.length;
        }
        expect(found[0]?.fast).toEqual(found[1]?.slow);
        expect(() => seats[0]?.allocate(pairs.length)).toThrow('2 columns');
      }),
      { numRuns: 150 },
    );
    expect(seen).toBeGreaterThan(2_000);
  });

  it('stay right while copies of columns make room for others', () => {
    // Columns of 8 MB: six fit at once.
    const length = 1_000_000;
    const columns = Array.from({ length: 9 }, (_, shift) => {
      return Float64Array.from({ length }, (_value, row) => (row * 7 + shift * 13) % 101);
    });
    const vector = turnFinder(length);
    const plain = new PlainTurns(length);
    // All but two of the places, and some that are not there: what is lent stays.
    const lent = columns.slice(0, 5).map((column) => {
      const room = vector.allocate(length);
      room.set(column);
      return room;
    });
    const seen = new Set<number>();
    for (const shift of [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 8]) {
      const fast = lent[shift] ?? columns[shift] ?? new Float64Array(0);
      const slow = columns[(shift * 4 + 1) % columns.length] ?? new Float64Array(0);
      const count = plain.find({ fast, slow }, 3);
      expect(vector.find({ fast, slow }, 3)).toBe(count);
      expect(vector.rows.subarray(0, count)).toEqual(plain.rows.subarray(0, count));
      seen.add(count);
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});
