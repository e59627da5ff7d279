import {
  cashMicros,
  type Instrument,
  notionalMicros,
  priceNanos,
  quantity,
  usEquity,
} from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { takeParts } from './fraction.ts';
import { positionSize } from './full-size.ts';

const instruments: fc.Arbitrary<Instrument> = fc
  .record({
    quantityScale: fc.integer({ min: 0, max: 9 }),
    lot: fc.constantFrom(1, 10, 100),
    multiplier: fc.constantFrom(1, 50),
  })
  .map((grid) => ({ ...usEquity('X'), ...grid, lot: quantity(grid.lot) }));
const prices = fc.integer({ min: 1_000_000, max: 500_000_000_000 }).map(priceNanos);
const equities = fc.integer({ min: 0, max: 1_000_000_000_000 }).map(cashMicros);
const parts = fc.integer({ min: 1, max: 1_000_000 });
const worlds = fc.record({
  instrument: instruments,
  price: prices,
  equity: equities,
  cap: fc.integer({ min: 1, max: 3_000_000 }),
  strength: parts,
});

it('loses at most what may be lost over the distance, within the cap, and one lot more would not', () => {
  const distances = fc.integer({ min: 1, max: 500_000_000_000 }).map(priceNanos);
  fc.assert(
    fc.property(worlds, distances, parts, (world, distanceNanos, risk) => {
      const { instrument, price, equity, cap, strength } = world;
      const size = positionSize({
        instrument,
        sizing: {
          kind: 'atrRisk',
          riskFraction: risk / 1e6,
          atrBars: 14,
          atrMultiple: 2,
          maxFraction: cap / 1e6,
        },
        strength: strength / 1e6,
        equityMicros: equity,
        spendableMicros: cashMicros(0),
        priceNanos: price,
        measure: { kind: 'distance', distanceNanos },
      });
      if (size === undefined) return;
      const loses = (amount: number) => notionalMicros(instrument, distanceNanos, quantity(amount));
      const costs = (amount: number) => notionalMicros(instrument, price, quantity(amount));
      const mayLose = takeParts(takeParts(equity, risk), strength);
      const mayCost = takeParts(takeParts(equity, cap), strength);
      expect(size % instrument.lot).toBe(0);
      expect(loses(size)).toBeLessThanOrEqual(mayLose);
      expect(costs(size)).toBeLessThanOrEqual(mayCost);
      const next = size + instrument.lot;
      // Below a micro a lot there is nothing to tell them apart.
      expect(loses(next) >= mayLose || costs(next) >= mayCost).toBe(true);
    }),
  );
});

it('gives at most the volatility that is wanted, within the cap, and never more where it is higher', () => {
  const volatilities = fc.double({ min: 1e-6, max: 20, noNaN: true });
  const wanted = fc.integer({ min: 1, max: 10_000_000 });
  fc.assert(
    fc.property(worlds, volatilities, wanted, (world, annualVolatility, target) => {
      const { instrument, price, equity, cap, strength } = world;
      const sizeAt = (volatility: number) =>
        positionSize({
          instrument,
          sizing: {
            kind: 'volatilityTarget',
            annualVolatility: target / 1e6,
            lookbackBars: 20,
            maxFraction: cap / 1e6,
          },
          strength: strength / 1e6,
          equityMicros: equity,
          spendableMicros: cashMicros(0),
          priceNanos: price,
          measure: { kind: 'volatility', annualVolatility: volatility },
        });
      const size = sizeAt(annualVolatility);
      if (size === undefined) return;
      const worth = notionalMicros(instrument, price, size);
      expect(size % instrument.lot).toBe(0);
      expect(worth).toBeLessThanOrEqual(takeParts(takeParts(equity, cap), strength));
      // A micro of rounding.
      expect(worth * annualVolatility).toBeLessThanOrEqual(
        ((equity * target) / 1e6) * (1 + 1e-9) + annualVolatility,
      );
      const calmer = sizeAt(annualVolatility / 2);
      if (calmer !== undefined) expect(calmer).toBeGreaterThanOrEqual(size);
    }),
  );
});
