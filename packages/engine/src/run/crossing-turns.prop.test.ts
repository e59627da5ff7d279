import { maCross, reasonText, resolveParameters } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOfBars } from './series-columns.ts';
import { type SignalColumns, signalsOf } from './signals.ts';

/** More rows than a block has, in runs of the same order between the two values; 0 is a tie, 2 a missing value. */
const runs: fc.Arbitrary<(readonly [number, number])[]> = fc.array(
  fc.tuple(fc.constantFrom(-1, 0, 1, 2), fc.oneof(fc.integer({ min: 1, max: 9 }), fc.nat(3_000))),
  { minLength: 1, maxLength: 12 },
);

function columnsOf(given: readonly (readonly [number, number])[]) {
  const order = given.flatMap(([sign, length]) => Array<number>(length).fill(sign));
  const slow = Float64Array.from(order, (_, row) => 100 + (row % 7));
  const fast = slow.map((value, row) =>
    order[row] === 2 ? Number.NaN : value + (order[row] ?? 0),
  );
  return { fast, slow };
}

const inWords = ({ count, row, opinion, plain, targetOf }: SignalColumns) => {
  const targets = Array.from({ length: count }, (_, index) => targetOf(index));
  return {
    ...{ count, plain, row: [...row.subarray(0, count)], opinion: [...opinion.subarray(0, count)] },
    targets: targets.map((target) => ({ ...target, reason: reasonText(target) })),
  };
};

/** So many turns that the room for them has to grow. */
const restless = Array.from({ length: 20_000 }, (_, at) => [at % 2 === 0 ? -1 : 1, 1] as const);

describe('the signals of a declared crossing', () => {
  it('are those of its column of opinions', () => {
    const { crossing: _, ...undeclared } = maCross;
    const seen = { long: 0, blocks: 0 };
    const property = fc.property(
      runs,
      fc.constantFrom('level', 'cross'),
      fc.nat(40),
      (given, entry, warmup) => {
        const columns = columnsOf(given);
        const rows = columns.fast.length;
        const bars = { ...columnsOfBars([]), endUs: new Float64Array(rows) };
        const of = (strategy: typeof undeclared) =>
          signalsOf({
            ...{ symbol: 'SPY', timeframe: '1m', bars, columns },
            strategy: { ...strategy, warmup: () => warmup },
            params: resolveParameters(maCross, { entry }),
          } as Parameters<typeof signalsOf>[0]);
        const found = inWords(of(maCross));
        expect(found).toEqual(inWords(of(undeclared)));
        seen.long += found.opinion.filter((opinion) => opinion === 1).length;
        seen.blocks += rows > 4_096 ? 1 : 0;
      },
    );
    fc.assert(property, { numRuns: 300, examples: [[[...restless], 'cross', 0]] });
    expect(seen.long).toBeGreaterThan(200);
    expect(seen.blocks).toBeGreaterThan(20);
  });
});
