import { AppError, priceNanos } from '@capstan/domain';
import { sma } from '@capstan/indicators';
import {
  defineStrategy,
  OPINION,
  ofField,
  reasonText,
  resolveParameters,
  type Strategy,
} from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOfSeries } from './graph-of-series.ts';
import { signalsOf } from './signals.ts';
import { CENT, calendarOf, worlds } from './test-run-world.ts';

const DIRECTIONS = { 1: 'long', 0: 'flat', [-1]: 'short' } as const;
const { long, flat, short, none } = OPINION;

/** What a code says: a direction, a strength, and how many cents away exits are, 0 for none. */
function read(code: number) {
  const digit = (place: number) => Math.floor(code / 4 ** place) % 4;
  const opinion = [long, flat, short, none, none][digit(0)] ?? none;
  return { opinion, strength: digit(1) % 2 === 0 ? 1 : 0.5, stop: digit(1), target: digit(2) };
}

interface Held {
  readonly [key: string]: number;
  readonly opinion: number;
  readonly closeNanos: number;
  readonly code: number;
}

const levelOf = ({ opinion, closeNanos }: Held, cents: number, side: 1 | -1) =>
  cents === 0 || opinion === flat ? Number.NaN : closeNanos + side * opinion * cents * CENT;

/** Keeps the exits that it had when its direction turned; once asked bar by bar, once by columns. */
const held = defineStrategy({
  name: 'held',
  title: 'Held',
  description: 'Reads its direction from the volume, and holds the exits of the turn.',
  params: {
    moves: {
      type: 'choice',
      choices: ['nothing', 'strength', 'target'],
      default: 'nothing',
      description: 'What changes while the direction stays.',
    },
  },
  indicators: () => ({ code: ofField(sma, { period: 1 }, 'volume') }),
  initialState: { opinion: none, closeNanos: 0, code: 0 } as Held,
  update: ({ code }, state, { bar }) => {
    const { opinion } = read(code);
    const turns = opinion !== none && opinion !== state.opinion;
    return turns ? { opinion, closeNanos: bar.closeNanos, code } : state;
  },
  decide: ({ code }, state, { bar, params }) => {
    const { opinion, strength } = read(code);
    if (opinion === none) return undefined;
    const { stop: stopCents, target: targetCents } = read(state.code);
    const stop = levelOf(state, stopCents, -1);
    const isFresh = params.moves === 'target';
    const fresh = { opinion, closeNanos: bar.closeNanos, code };
    const target = isFresh ? levelOf(fresh, read(code).target, 1) : levelOf(state, targetCents, 1);
    return {
      direction: DIRECTIONS[opinion as keyof typeof DIRECTIONS],
      strength: opinion === flat ? 0 : params.moves === 'strength' ? strength : 1,
      ...(Number.isNaN(stop) ? {} : { stopPriceNanos: priceNanos(stop) }),
      ...(Number.isNaN(target) ? {} : { takeProfitPriceNanos: priceNanos(target) }),
      reason: 'held',
    };
  },
  decideColumns: ({ code }, { bars, params, fromRow }) => {
    const direction = new Int8Array(code.length).fill(none, 0, fromRow);
    for (let row = fromRow; row < code.length; row += 1) {
      direction[row] = read(code[row] ?? 0).opinion;
    }
    const turnAt = (row: number): Held => ({
      opinion: direction[row] ?? none,
      closeNanos: bars.closeNanos[row] ?? 0,
      code: code[row] ?? 0,
    });
    const targetAt = (row: number) => levelOf(turnAt(row), read(code[row] ?? 0).target, 1);
    return {
      direction,
      ...(params.moves === 'strength' ? { strength: code.map((one) => read(one).strength) } : {}),
      ...(params.moves === 'target'
        ? { takeProfitPriceNanos: code.map((_, row) => targetAt(row)) }
        : { takeProfitPriceAtTurn: targetAt }),
      stopPriceAtTurn: (row) => levelOf(turnAt(row), read(code[row] ?? 0).stop, -1),
      reasonAt: () => 'held',
    };
  },
});

type World = typeof worlds extends fc.Arbitrary<infer One> ? One : never;

function signals(strategy: Strategy, { series, spec }: World, moves: string) {
  const [one] = series;
  const { schedule } = spec;
  if (one === undefined) throw new Error('a world has a series');
  const params = resolveParameters(held, { moves });
  const calendar = calendarOf('XNYS');
  const columns = columnsOfSeries({
    ...{ graph: strategy.indicators(params), base: '1m', series: one },
    ...{ calendar, calendarOf },
    ...{ indicatorsSee: 'splits', options: {} },
  });
  const found = signalsOf({
    ...{ symbol: one.symbol, strategy, params, timeframe: spec.timeframe, bars: one.bars, columns },
    ...(schedule === undefined ? {} : { schedule: { rules: schedule, calendar } }),
  });
  return Array.from({ length: found.count }, (_, at) => {
    const target = found.targetOf(at);
    const { stopPriceNanos = Number.NaN, takeProfitPriceNanos = Number.NaN } = target;
    if (found.exits !== undefined) {
      expect(found.exits.stopPriceNanos[at]).toBe(stopPriceNanos);
      expect(found.exits.takeProfitPriceNanos[at]).toBe(takeProfitPriceNanos);
    }
    return {
      row: found.row[at],
      opinion: found.opinion[at],
      ...target,
      reason: reasonText(target),
    };
  });
}

describe('prices that an opinion has from its turn on', () => {
  it('are those that a walk bar by bar remembers', () => {
    const { decideColumns: _, ...byRow } = held;
    const modes = fc.constantFrom('nothing', 'strength', 'target');
    const seen = { stops: 0, targets: 0, scheduled: 0 };
    fc.assert(
      fc.property(worlds, modes, fc.nat(9), (world, moves, warmup) => {
        const later = { warmup: () => warmup };
        const wanted = signals({ ...byRow, ...later }, world, moves);
        expect(signals({ ...held, ...later }, world, moves)).toEqual(wanted);
        seen.scheduled += world.spec.schedule === undefined ? 0 : wanted.length;
        seen.stops += wanted.filter((one) => 'stopPriceNanos' in one).length;
        seen.targets += wanted.filter((one) => 'takeProfitPriceNanos' in one).length;
      }),
      { numRuns: 300 },
    );
    expect(seen.scheduled).toBeGreaterThan(100);
    expect(seen.stops).toBeGreaterThan(300);
    expect(seen.targets).toBeGreaterThan(300);
  });

  it('are refused where no order can have them', () => {
    const [world] = fc.sample(worlds, { numRuns: 1, seed: 1 });
    if (world === undefined) throw new Error('there is a world');
    const failure = (price: number) => {
      try {
        const decideColumns = () => ({
          direction: Int8Array.of(long),
          stopPriceAtTurn: () => price,
          reasonAt: () => 'x',
        });
        return signals({ ...held, decideColumns } as Strategy, world, 'nothing').length;
      } catch (error) {
        return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
      }
    };
    expect(failure(CENT)).toBe(1);
    expect(failure(-CENT)).toMatch(/^STRATEGY.TARGET: symbol AAA, .*stopPriceNanos must be a pos/);
    expect(failure(1.5)).toMatch(/^STRATEGY.THREW: symbol AAA, .*not a safe integer: 1.5/);
  });
});
