import { maCross, reasonText, resolveParameters, type Strategy } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesColumns } from './series-columns.ts';
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
const restless = Array.from({ length: 13_000 }, (_, at) => [at % 2 === 0 ? -1 : 1, 1] as const);

/** Bars that nobody looks at. */
function barsOf(column: Float64Array): SeriesColumns {
  const names = ['startUs', 'endUs', 'openNanos', 'highNanos', 'lowNanos', 'closeNanos', 'volume'];
  return Object.fromEntries(names.map((name) => [name, column])) as unknown as SeriesColumns;
}

function never(): never {
  throw new Error('it has columns');
}

function signalsOver(
  columns: Readonly<Record<string, Float64Array>>,
  { entry, warmup = 0 }: { readonly entry: string; readonly warmup?: number },
  strategy: Strategy,
) {
  const bars = barsOf(columns.fast ?? new Float64Array(0));
  const params = resolveParameters(maCross, { entry });
  const patient = { ...strategy, warmup: () => warmup };
  const where = { symbol: 'SPY', timeframe: '1m' } as const;
  return inWords(signalsOf({ ...where, bars, columns, strategy: patient, params }));
}

const { crossing: _declared, ...undeclared } = maCross;

describe('the signals of a declared crossing', () => {
  it('are those of its opinions where the declaration is not what it is', () => {
    const declarations = [
      () => ({ fast: 'slow', slow: 'fast', entry: 'level' }) as const,
      () => ({ fast: 'fast', slow: 'slow', entry: 'level' }) as const,
      () => ({ fast: 'fast', slow: 'missing', entry: 'cross' }) as const,
    ];
    let longer = 0;
    const property = fc.property(runs, fc.constantFrom(...declarations), (given, crossing) => {
      const columns = columnsOf([[1, 1], ...given]);
      const found = signalsOver(columns, { entry: 'cross' }, { ...maCross, crossing });
      expect(found).toEqual(signalsOver(columns, { entry: 'cross' }, undeclared));
      longer += found.count > 1 ? 1 : 0;
    });
    fc.assert(property, {
      numRuns: 200,
      examples: [],
    });
    expect(longer).toBeGreaterThan(30);
  });

  it('are those of its column of opinions', () => {
    const seen = { long: 0, blocks: 0 };
    const property = fc.property(
      runs,
      fc.constantFrom('level', 'cross'),
      fc.nat(40),
      (given, entry, warmup) => {
        const columns = columnsOf(given);
        const rows = columns.fast.length;
        const found = signalsOver(columns, { entry, warmup }, maCross);
        expect(found).toEqual(signalsOver(columns, { entry, warmup }, undeclared));
        seen.long += found.opinion.filter((opinion) => opinion === 1).length;
        seen.blocks += rows > 4_096 ? 1 : 0;
      },
    );
    fc.assert(property, { numRuns: 300, examples: [[[...restless], 'cross', 0]] });
    expect(seen.long).toBeGreaterThan(200);
    expect(seen.blocks).toBeGreaterThan(20);
  });

  it('are found with a column of opinions for the first few alone', () => {
    const asked: number[] = [];
    const strategy: Strategy = {
      ...maCross,
      decideColumns: (columns, context) => {
        asked.push(columns.fast?.length ?? 0);
        return (maCross as Strategy).decideColumns?.(columns, context) ?? never();
      },
    };
    const columns = columnsOf(restless);
    const params = resolveParameters(maCross, { entry: 'cross' });
    const bars = barsOf(columns.fast);
    const where = { symbol: 'SPY', timeframe: '1m' } as const;
    const { count, targetOf } = signalsOf({ ...where, bars, columns, strategy, params });
    expect([count, ...asked]).toEqual([restless.length, 16]);
    expect(targetOf(0)).toMatchObject({ direction: 'flat' });
    expect(asked).toEqual([16, restless.length]);
  });
});
