import { type Bar, priceNanos } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.ts';
import { graphTimeframes } from './graph.ts';
import { graphColumns } from './graph-columns.ts';
import { targetAt } from './opinion-columns.ts';
import type { Parameters } from './parameter.ts';
import { BUILT_IN_STRATEGIES } from './registry.ts';
import { type ResolvedParameters, resolveParameters } from './resolve-parameters.ts';
import type { Strategy } from './strategy.ts';
import { reasonText, type Target } from './target.ts';
import { columnsOf, flatBar } from './test-bars.ts';

const RANGE = 6;

/** Small parameters that fit together: those that do not become the defaults. */
function arbitraryParams(strategy: Strategy): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const of = (params: Parameters) =>
    Object.entries(params).map(([name, parameter]): [string, fc.Arbitrary<unknown>] => {
      if (parameter.type === 'boolean') return [name, fc.boolean()];
      if (parameter.type === 'choice') return [name, fc.constantFrom(...parameter.choices)];
      if (parameter.type === 'symbol') return [name, fc.constant(parameter.default)];
      const { min, max } = parameter;
      const most = Math.min(max, min + RANGE);
      if (parameter.type === 'number') return [name, fc.double({ min, max: most, noNaN: true })];
      return [name, fc.integer({ min, max: most })];
    });
  return fc.record(Object.fromEntries(of(strategy.params))).filter((given) => {
    const params = { ...resolveParameters(strategy, {}), ...given } as ResolvedParameters;
    return strategy.check?.(params) === undefined;
  });
}

const history = fc
  .array(
    fc.record({
      cents: fc.integer({ min: 100, max: 112 }),
      up: fc.nat(4),
      down: fc.nat(4),
      volume: fc.nat(3),
    }),
    { maxLength: 60 },
  )
  .map((rows) =>
    rows.map(({ cents, up, down, volume }, index) => {
      const close = flatBar(index + 1, cents);
      const cent = close.closeNanos / cents;
      const at = (nanos: number) => priceNanos(nanos);
      const high = at(close.closeNanos + up * cent);
      const low = at(close.closeNanos - down * cent);
      return { ...close, highNanos: high, lowNanos: low, openNanos: low, volume };
    }),
  );

function rowByRow(
  strategy: Strategy,
  given: Readonly<Record<string, unknown>>,
  bars: readonly Bar[],
  fromRow: number,
) {
  const params = resolveParameters(strategy, given);
  const graph = strategy.indicators(params);
  const series = columnsOf(bars, '1m');
  const columns = graphColumns(graph, {
    base: '1m',
    bars: new Map(graphTimeframes(graph, '1m').map((timeframe) => [timeframe, series])),
    cache: new Map(),
  });
  let state = strategy.initialState;
  const wanted = bars.map((bar, row): Target | undefined => {
    const values = Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, column[row] ?? Number.NaN]),
    );
    if (row < fromRow || Object.values(values).some(Number.isNaN)) return undefined;
    const context = { symbol: 'SPY', timeframe: '1m' as const, bar, params };
    state = strategy.update?.(values, state, context) ?? state;
    return strategy.decide(values, state, context);
  });
  const context = { symbol: 'SPY', timeframe: '1m' as const, bars: series, fromRow, params };
  const opinions = strategy.decideColumns?.(columns, context);
  const got = bars.map((_, row) => opinions && targetAt(opinions, row));
  return { wanted: wanted.map(inWords), got: got.map(inWords), columns, params };
}

function inWords(target: Target | undefined) {
  return target && { ...target, reason: reasonText(target) };
}

const columnar = BUILT_IN_STRATEGIES.filter((one) => one.decideColumns !== undefined);

describe.each(columnar.map((one) => [one.name, one] as const))('%s over columns', (_, strategy) => {
  it('says what it says bar by bar', () => {
    const from = fc.nat(12);
    fc.assert(
      fc.property(history, arbitraryParams(strategy), from, (bars, params, fromRow) => {
        const { wanted, got } = rowByRow(strategy, params, bars, fromRow);
        expect(got).toEqual(wanted);
      }),
    );
  });
});

/** What a declared crossing wants of each row, as plainly as can be. */
function wishesOf(
  { fast, slow, entry }: Crossing,
  columns: Readonly<Record<string, Float64Array>>,
  fromRow: number,
) {
  let waits = entry === 'cross';
  return Array.from(columns[fast] ?? [], (high, row) => {
    const low = columns[slow]?.[row] ?? Number.NaN;
    if (row < fromRow || high === low || Number.isNaN(high) || Number.isNaN(low)) return undefined;
    if (high < low) waits = false;
    if (waits) return undefined;
    return high > low ? { direction: 'long', strength: 1 } : { direction: 'flat', strength: 0 };
  });
}

const crossings = BUILT_IN_STRATEGIES.filter((one) => one.crossing !== undefined);

describe.each(crossings.map((one) => [one.name, one] as const))('%s', (_, strategy) => {
  it('is the crossing that it declares, and nothing beside it', () => {
    const seen = { long: 0, waited: 0 };
    const from = fc.nat(12);
    fc.assert(
      fc.property(history, arbitraryParams(strategy), from, (bars, given, fromRow) => {
        const { wanted, columns, params } = rowByRow(strategy, given, bars, fromRow);
        const crossing = strategy.crossing?.(params);
        if (crossing === undefined) return;
        expect(Object.keys(columns).sort()).toEqual([crossing.fast, crossing.slow].sort());
        const wishes = wishesOf(crossing, columns, fromRow);
        expect(wanted.map((target) => target && { ...target, reason: '' })).toEqual(
          wishes.map((wish) => wish && { ...wish, reason: '' }),
        );
        seen.long += wishes.filter((wish) => wish?.direction === 'long').length;
        seen.waited += crossing.entry === 'cross' ? 1 : 0;
      }),
      { numRuns: 1_000 },
    );
    expect(seen.long).toBeGreaterThan(100);
    expect(seen.waited).toBeGreaterThan(10);
  });
});

it('is declared by the moving-average cross', () => {
  expect(crossings.map(({ name }) => name)).toEqual(['ma-cross']);
});

it('is there for the two crosses at least', () => {
  expect(columnar.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ma-cross', 'multi-timeframe-cross']),
  );
});
