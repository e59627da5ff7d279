import { cashMicros, notionalMicros, priceNanos, quantity, usEquity } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, type Candidate } from './allocate.ts';
import { partsOf, takeParts } from './fraction.ts';
import { planChanges } from './plan-changes.ts';
import type { PortfolioRule, WeightRule } from './portfolio-rule.ts';

const SYMBOLS = ['A', 'B', 'C', 'D', 'E', 'F'];
const candidates: fc.Arbitrary<readonly Candidate[]> = fc
  .subarray(SYMBOLS, { minLength: 1 })
  .chain((symbols) =>
    fc.tuple(
      ...symbols.map((symbol) =>
        fc.record(
          {
            symbol: fc.constant(symbol),
            direction: fc.constantFrom('long' as const, 'short' as const, 'flat' as const),
            volatility: fc.double({ min: 0.0001, max: 0.5, noNaN: true }),
            returnFraction: fc.double({ min: -0.9, max: 3, noNaN: true }),
          },
          { requiredKeys: ['symbol'] },
        ),
      ),
    ),
  );
const weightRules: fc.Arbitrary<WeightRule> = fc.oneof(
  fc.constant({ kind: 'equal' as const }),
  fc.constant({ kind: 'inverseVolatility' as const, lookbackBars: 20 }),
  fc
    .integer({ min: 1, max: 4 })
    .map((top) => ({ kind: 'momentumRanking' as const, lookbackBars: 20, top })),
);
const hundredths = (max: number) => fc.integer({ min: 0, max }).map((one) => one / 100);
const rules: fc.Arbitrary<PortfolioRule> = fc.record(
  {
    weights: weightRules,
    rebalance: fc.constant({ kind: 'daily' as const }),
    driftFraction: hundredths(20),
    cashReserveFraction: hundredths(50),
    maxWeightFraction: hundredths(100).map((one) => one + 0.01),
  },
  { requiredKeys: ['weights', 'rebalance'] },
);

describe('weights', () => {
  it('are together within what is not reserved, each within its cap, on the side of the opinion', () => {
    fc.assert(
      fc.property(rules, candidates, (rule, given) => {
        const weights = allocate(rule, given);
        const { cashReserveFraction = 0, maxWeightFraction = 1 } = rule;
        const total = weights.reduce((sum, { parts }) => sum + Math.abs(parts), 0);
        expect(total).toBeLessThanOrEqual(1_000_000 - partsOf(cashReserveFraction));
        for (const { symbol, parts } of weights) {
          expect(Math.abs(parts)).toBeLessThanOrEqual(partsOf(maxWeightFraction));
          expect(Number.isInteger(parts)).toBe(true);
          const direction = given.find((one) => one.symbol === symbol)?.direction;
          if (parts !== 0) expect(direction).toBe(parts > 0 ? 'long' : 'short');
        }
      }),
    );
  });

  it('do not depend on the order in which symbols are given', () => {
    fc.assert(
      fc.property(rules, candidates, (rule, given) => {
        expect(allocate(rule, [...given].reverse())).toEqual(allocate(rule, given));
      }),
    );
  });

  it('by volatility never rise with it, and do not depend on its unit', () => {
    fc.assert(
      fc.property(rules, candidates, (some, given) => {
        const rule = { ...some, weights: { kind: 'inverseVolatility', lookbackBars: 20 } } as const;
        const known = given.filter(
          (one) => one.volatility !== undefined && /long|short/.test(one.direction ?? ''),
        );
        const sizeOf = new Map(
          allocate(rule, known).map(({ symbol, parts }) => [symbol, Math.abs(parts)]),
        );
        for (const a of known) {
          for (const b of known) {
            if ((a.volatility ?? 0) >= (b.volatility ?? 0)) continue;
            // The last may bear a part of rounding.
            expect(sizeOf.get(a.symbol)).toBeGreaterThanOrEqual((sizeOf.get(b.symbol) ?? 0) - 1);
          }
        }
        const scaled = known.map((one) => ({ ...one, volatility: (one.volatility ?? 0) * 16 }));
        expect(allocate(rule, scaled)).toEqual(allocate(rule, known));
      }),
    );
  });
});

describe('changes', () => {
  const worlds = fc.record({
    rule: rules,
    given: candidates,
    held: fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 6, maxLength: 6 }),
    cents: fc.array(fc.integer({ min: 100, max: 50_000 }), { minLength: 6, maxLength: 6 }),
    lot: fc.constantFrom(1, 10),
    equity: fc.integer({ min: 1, max: 1_000_000 }),
  });

  it('are whole lots, reduce only towards zero and add only what there is room for', () => {
    fc.assert(
      fc.property(worlds, ({ rule, given, held, cents, lot, equity }) => {
        const weights = allocate(rule, given);
        const holdings = weights.map(({ symbol }, index) => ({
          symbol,
          instrument: { ...usEquity(symbol), lot: quantity(lot) },
          priceNanos: priceNanos((cents[index] ?? 1) * 10_000_000),
          expectedQuantity: quantity((held[index] ?? 0) * lot),
        }));
        const worth = (symbol: string, amount: number) => {
          const of = holdings.find((one) => one.symbol === symbol);
          if (of === undefined) throw new Error(symbol);
          return notionalMicros(of.instrument, of.priceNanos, quantity(Math.abs(amount)));
        };
        const gross = holdings.reduce(
          (sum, one) => sum + worth(one.symbol, one.expectedQuantity),
          0,
        );
        const equityMicros = cashMicros(equity * 1_000_000);
        const { reductions, additions } = planChanges({
          ...{ rule, weights, holdings, equityMicros, bufferBps: 5 },
          grossMicros: cashMicros(gross),
        });
        const before = new Map(holdings.map((one) => [one.symbol, one.expectedQuantity]));
        for (const { symbol, delta } of [...reductions, ...additions]) {
          expect(delta % lot === 0 && delta !== 0).toBe(true);
          expect(before.has(symbol)).toBe(true);
        }
        for (const { symbol, delta } of reductions) {
          const was = before.get(symbol) ?? 0;
          expect(Math.abs(was + delta)).toBeLessThan(Math.abs(was));
          expect((was + delta) * was).toBeGreaterThanOrEqual(0);
        }
        const added = additions.reduce((sum, one) => sum + worth(one.symbol, one.delta), 0);
        const parts = 1_000_000 - partsOf(rule.cashReserveFraction ?? 0);
        expect(added).toBeLessThanOrEqual(Math.max(0, takeParts(equityMicros, parts) - gross));
      }),
    );
  });
});
