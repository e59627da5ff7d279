import { AppError } from '@capstan/domain';
import {
  maCross,
  OPINION,
  reasonText,
  resolveParameters,
  type Strategy,
  targetAt,
} from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOfSeries } from './graph-of-series.ts';
import { signalsOf } from './signals.ts';
import { calendarOf, coded, worlds } from './test-run-world.ts';

/** `coded` by columns of its own: the same opinions but for the times in force, which no column holds. */
const withColumns: Strategy = {
  ...coded,
  decideColumns: ({ code = new Float64Array(0) }, { bars, fromRow }) => {
    const rows = code.length;
    const direction = new Int8Array(rows).fill(OPINION.none);
    const strength = new Float64Array(rows);
    const limitPriceNanos = new Float64Array(rows).fill(Number.NaN);
    for (let row = fromRow; row < rows; row += 1) {
      const target = plainTarget(code[row] ?? 0, bars.closeNanos[row] ?? 0);
      direction[row] = target.opinion;
      strength[row] = target.strength;
      limitPriceNanos[row] = target.limitPriceNanos;
    }
    return { direction, strength, limitPriceNanos, reasonAt: (row) => `row ${row}` };
  },
};

function plainTarget(code: number, closeNanos: number) {
  const digit = (place: number) => Math.floor(code / 4 ** place) % 4;
  const { long, flat, short, none } = OPINION;
  const opinion = [long, flat, short, none][digit(0)] ?? none;
  const cents = (opinion === long ? -2 : 2) * 10_000_000;
  return {
    opinion,
    strength: [1, 0.5, 1, 0.25][digit(1)] ?? 1,
    limitPriceNanos: digit(2) === 1 ? closeNanos + cents : Number.NaN,
  };
}

const withoutColumns: Strategy = (() => {
  const { decideColumns: _, ...rest } = withColumns;
  return {
    ...rest,
    decide: ({ code }, _state, { bar }) => {
      const { opinion, strength, limitPriceNanos } = plainTarget(code ?? 0, bar.closeNanos);
      const columns = {
        direction: Int8Array.of(opinion),
        strength: Float64Array.of(strength),
        limitPriceNanos: Float64Array.of(limitPriceNanos),
        reasonAt: () => 'row',
      };
      return targetAt(columns, 0);
    },
  };
})();

function signals(strategy: Strategy, { series, spec }: WorldOf) {
  const [one] = series;
  if (one === undefined) throw new Error('a world has a series');
  const params = resolveParameters(strategy, {});
  const columns = columnsOfSeries({
    graph: strategy.indicators(params),
    base: '1m',
    series: one,
    ...{ calendar: calendarOf('XNYS'), calendarOf },
    indicatorsSee: 'splits',
    options: {},
  });
  const { timeframe } = spec;
  const input = { symbol: one.symbol, strategy, params, timeframe, bars: one.bars, columns };
  const { count, row, opinion, targetOf } = signalsOf(input);
  return Array.from({ length: count }, (_, at) => {
    const { reason, ...target } = targetOf(at);
    return {
      row: row[at],
      opinion: opinion[at],
      ...target,
      said: reasonText({ ...target, reason }),
    };
  });
}

type WorldOf = typeof worlds extends fc.Arbitrary<infer World> ? World : never;

describe('signalsOf', () => {
  it('finds in columns with strength and prices the changes that a bar by bar walk finds', () => {
    let count = 0;
    fc.assert(
      fc.property(worlds, fc.nat(9), (world, warmup) => {
        const later = { warmup: () => warmup };
        const byColumns = signals({ ...withColumns, ...later }, world);
        const byRow = signals({ ...withoutColumns, ...later }, world);
        const bare = ({ said: _, ...rest }: (typeof byRow)[number]) => rest;
        expect(byColumns.map(bare)).toEqual(byRow.map(bare));
        expect(byColumns.map(({ said }) => said)).toEqual(byRow.map(({ row }) => `row ${row}`));
        count += byRow.length;
      }),
    );
    expect(count).toBeGreaterThan(100);
  });

  it('finds the turns of a strategy that only has directions', () => {
    fc.assert(
      fc.property(worlds, fc.nat(9), (world, warmup) => {
        const patient = { ...maCross, warmup: () => warmup };
        const { decideColumns: _, ...rowByRow } = patient;
        expect(signals(patient, world)).toEqual(signals(rowByRow, world));
      }),
    );
  });

  it('says with which bar a strategy failed', () => {
    const [world] = fc.sample(worlds, { numRuns: 1, seed: 1 });
    if (world === undefined) throw new Error('there is a world');
    const throwing: Strategy = {
      ...coded,
      decide: () => {
        throw new RangeError('no idea');
      },
    };
    const vague: Strategy = {
      ...coded,
      decide: () => ({ direction: 'long', strength: 2, reason: 'x' }),
    };
    const failure = (strategy: Strategy) => {
      try {
        return signals(strategy, world).length;
      } catch (error) {
        return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
      }
    };
    expect(failure(throwing)).toMatch(
      /^STRATEGY.THREW: symbol AAA, bar ending 2024-07-03T16:\d\d:00Z: strategy coded threw: no idea/,
    );
    expect(failure(vague)).toMatch(/^STRATEGY.TARGET: symbol AAA, .*strength must be 0 to 1/);
  });
});
