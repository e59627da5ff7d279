import {
  cashMicros,
  type Instrument,
  notionalMicros,
  priceNanos,
  quantity,
  type Signal,
  timeUs,
  usEquity,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeParts } from './fraction.ts';
import { positionSize } from './full-size.ts';
import { sizeSignal } from './size-signal.ts';

const instruments: fc.Arbitrary<Instrument> = fc
  .record({
    quantityScale: fc.integer({ min: 0, max: 9 }),
    lot: fc.constantFrom(1, 10, 100),
    multiplier: fc.constantFrom(1, 50, 100),
  })
  .map((grid) => ({ ...usEquity('X'), ...grid, lot: quantity(grid.lot) }));
const prices = fc.integer({ min: 1_000_000, max: 500_000_000_000 }).map(priceNanos);
const equities = fc.integer({ min: 0, max: 1_000_000_000_000 }).map(cashMicros);

describe('takeParts', () => {
  it('is the exact floor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 1_000_000 }),
        (amount, parts) => {
          const exact = (BigInt(amount) * BigInt(parts)) / 1_000_000n;
          expect(BigInt(takeParts(amount, parts))).toBe(exact);
        },
      ),
    );
  });
});

describe('positionSize', () => {
  it('spends at most the budget, and one lot more would exceed it', () => {
    fc.assert(
      fc.property(
        instruments,
        prices,
        equities,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        (instrument, priceNanosOf, equityMicros, fraction, strength) => {
          const size = positionSize({
            instrument,
            sizing: { kind: 'equityFraction', fraction: fraction / 1e6 },
            strength: strength / 1e6,
            equityMicros,
            spendableMicros: cashMicros(0),
            priceNanos: priceNanosOf,
          });
          if (size === undefined) return;
          const budget = takeParts(takeParts(equityMicros, fraction), strength);
          expect(size % instrument.lot).toBe(0);
          expect(notionalMicros(instrument, priceNanosOf, size)).toBeLessThanOrEqual(budget);
          const next = notionalMicros(instrument, priceNanosOf, quantity(size + instrument.lot));
          // Below a micro a lot there is nothing to tell them apart.
          expect(next).toBeGreaterThanOrEqual(budget);
        },
      ),
    );
  });
});

describe('positionSize by cash', () => {
  const fees = fc.integer({ min: 0, max: 1_000_000 });
  const byCash = (
    given: { readonly instrument: Instrument; readonly price: number; readonly cash: number },
    rate: { readonly parts: number; readonly fee: number },
  ) =>
    positionSize({
      instrument: given.instrument,
      sizing: { kind: 'cashFraction', fraction: rate.parts / 1e6, feeBps: rate.fee / 1e4 },
      strength: 1,
      equityMicros: cashMicros(0),
      spendableMicros: cashMicros(given.cash),
      priceNanos: priceNanos(given.price),
    });

  it('leaves room for the commission, and one lot more would not', () => {
    const parts = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(
        instruments,
        prices,
        equities,
        parts,
        fees,
        (instrument, price, cash, ...rest) => {
          const [fraction, fee] = rest;
          const size = byCash({ instrument, price, cash }, { parts: fraction, fee });
          if (size === undefined) return;
          const budget = BigInt(takeParts(cash, fraction)) * 100_000_000n;
          const withFee = (amount: number) =>
            BigInt(notionalMicros(instrument, price, quantity(amount))) * BigInt(100_000_000 + fee);
          expect(size % instrument.lot).toBe(0);
          expect(withFee(size) <= budget).toBe(true);
          // Below a micro a lot there is nothing to tell them apart.
          expect(withFee(size + instrument.lot) + BigInt(100_000_000 + fee) > budget).toBe(true);
        },
      ),
    );
  });

  it('buys all of what the cash is a whole multiple of', () => {
    const instrument = { ...usEquity('X'), quantityScale: 9 };
    const units = fc.integer({ min: 1, max: 1_000 });
    const cents = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(units, cents, (count, price) => {
        const cash = count * price * 10_000;
        const given = { instrument, price: price * 10_000_000, cash };
        expect(byCash(given, { parts: 1_000_000, fee: 0 })).toBe(count * 1e9);
        const withFee = { ...given, cash: cash + cash / 10_000 };
        expect(byCash(withFee, { parts: 1_000_000, fee: 10_000 })).toBe(count * 1e9);
      }),
    );
  });
});

describe('sizeSignal', () => {
  it('always lands on the target, and a reducing intent never crosses zero in any outcome', () => {
    const amounts = fc.integer({ min: 0, max: 50 }).map(quantity);
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }).map(quantity),
        amounts,
        amounts,
        fc.constantFrom('long', 'short', 'flat' as const),
        fc.integer({ min: 1, max: 50 }),
        (positionQuantity, openBuyQuantity, openSellQuantity, direction, full) => {
          const signal: Signal = {
            signalId: 's',
            runId: 'r',
            botId: 'b',
            accountId: 'a',
            configRevision: 1,
            symbol: 'X',
            timeframe: '1m',
            barEndUs: timeUs(60_000_000),
            inputRevision: 0,
            direction: direction as Signal['direction'],
            strength: 1,
            referencePriceNanos: priceNanos(1_000_000_000),
            reason: '',
          };
          const sizing = sizeSignal({
            signal,
            instrument: usEquity('X'),
            sizing: { kind: 'fixedQuantity', quantity: full },
            positionQuantity,
            openBuyQuantity,
            openSellQuantity,
            equityMicros: cashMicros(1),
            freeCashMicros: cashMicros(1),
            decidedAtUs: timeUs(60_000_000),
          });
          const expected = positionQuantity + openBuyQuantity - openSellQuantity;
          const target = direction === 'flat' ? 0 : direction === 'long' ? full : -full;
          if (sizing.kind !== 'intent') {
            expect(expected).toBe(target);
            return;
          }
          const { side, quantity: size, reducing } = sizing.intent;
          expect(expected + (side === 'buy' ? size : -size)).toBe(target);
          const worst =
            side === 'buy'
              ? -(positionQuantity + openBuyQuantity + size)
              : positionQuantity - openSellQuantity - size;
          expect(reducing).toBe(worst >= 0);
        },
      ),
    );
  });
});
