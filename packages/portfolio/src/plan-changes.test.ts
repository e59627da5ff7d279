import { cashMicros, parseCash, parsePrice, quantity, usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type ChangesRequest, type Holding, planChanges } from './plan-changes.ts';
import type { PortfolioRule } from './portfolio-rule.ts';

const rule: PortfolioRule = { weights: { kind: 'equal' }, rebalance: { kind: 'daily' } };

function holding(symbol: string, price: string, held = 0, lot = 1): Holding {
  return {
    symbol,
    instrument: { ...usEquity(symbol), lot: quantity(lot) },
    priceNanos: parsePrice(price),
    expectedQuantity: quantity(held),
  };
}

function changesOf(changes: Partial<ChangesRequest>) {
  return planChanges({
    rule,
    weights: [],
    holdings: [],
    equityMicros: parseCash('10000'),
    grossMicros: cashMicros(0),
    bufferBps: 0,
    ...changes,
  });
}

describe('planChanges', () => {
  it('buys whole lots within weight and equity', () => {
    expect(
      changesOf({
        weights: [
          { symbol: 'A', parts: 500_000 },
          { symbol: 'B', parts: -500_000 },
        ],
        holdings: [holding('A', '300'), holding('B', '7', 0, 100)],
      }),
    ).toEqual({
      reductions: [],
      additions: [
        { symbol: 'A', delta: 16 },
        { symbol: 'B', delta: -700 },
      ],
      refusals: [],
    });
  });

  it('sells what is over, closes what has no weight, and goes to zero before it changes sides', () => {
    const { reductions, additions } = changesOf({
      weights: [
        { symbol: 'A', parts: 300_000 },
        { symbol: 'B', parts: 0 },
        { symbol: 'C', parts: -300_000 },
        { symbol: 'D', parts: 300_000 },
      ],
      holdings: [
        holding('A', '100', 40),
        holding('B', '100', -5),
        holding('C', '100', 20),
        holding('D', '100', 10),
      ],
      grossMicros: parseCash('7500'),
    });
    expect(reductions).toEqual([
      { symbol: 'A', delta: -10 },
      { symbol: 'B', delta: 5 },
      { symbol: 'C', delta: -20 },
    ]);
    expect(additions).toEqual([{ symbol: 'D', delta: 20 }]);
  });

  it('leaves a kept position alone up to the drift, but not one that is to go', () => {
    const banded = { ...rule, driftFraction: 0.05 };
    const of = (held: number, parts: number) =>
      changesOf({
        rule: banded,
        weights: [{ symbol: 'A', parts }],
        holdings: [holding('A', '100', held)],
        grossMicros: parseCash(String(held * 100)),
      });
    expect(of(35, 300_000).reductions).toEqual([]);
    expect(of(25, 300_000).additions).toEqual([]);
    expect(of(36, 300_000).reductions).toEqual([{ symbol: 'A', delta: -6 }]);
    expect(of(24, 300_000).additions).toEqual([{ symbol: 'A', delta: 6 }]);
    expect(of(1, 0).reductions).toEqual([{ symbol: 'A', delta: -1 }]);
    expect(of(0, 40_000).additions).toEqual([{ symbol: 'A', delta: 4 }]);
  });

  it('cuts additions in proportion to the room that is left, with the reserve and fees', () => {
    const weights = [
      { symbol: 'A', parts: 600_000 },
      { symbol: 'B', parts: 300_000 },
    ];
    const holdings = [holding('A', '1'), holding('B', '1')];
    const { additions } = changesOf({ weights, holdings, grossMicros: parseCash('7000') });
    expect(additions).toEqual([
      { symbol: 'A', delta: 1_999 },
      { symbol: 'B', delta: 999 },
    ]);
    const reserved = changesOf({
      rule: { ...rule, cashReserveFraction: 0.1 },
      weights: [{ symbol: 'A', parts: 900_000 }],
      holdings: [holding('A', '1')],
      bufferBps: 100,
    });
    expect(reserved.additions).toEqual([{ symbol: 'A', delta: 8_910 }]);
    const full = changesOf({ weights, holdings, grossMicros: parseCash('10000') });
    expect(full.additions).toEqual([]);
  });

  it('says why a weight cannot be held', () => {
    const reasons = changesOf({
      weights: [
        { symbol: 'A', parts: 100 },
        { symbol: 'B', parts: 100_000 },
        { symbol: 'GONE', parts: 100_000 },
      ],
      holdings: [holding('A', '500'), holding('B', '0')],
    });
    expect(reasons).toEqual({
      reductions: [],
      additions: [],
      refusals: [
        { symbol: 'A', reason: 'a weight of 0.0001 at price 500.00 is less than one lot of 1' },
        { symbol: 'B', reason: 'a weight of 0.1 and no price' },
      ],
    });
    const coin = {
      ...holding('C', '0.000000001'),
      instrument: { ...usEquity('C'), quantityScale: 9 },
    };
    const { refusals } = changesOf({
      weights: [{ symbol: 'C', parts: 1_000_000 }],
      holdings: [coin],
    });
    expect(refusals[0]?.reason).toContain('more than can be counted');
  });

  it('closes everything where there is no equity', () => {
    const lost = changesOf({
      weights: [{ symbol: 'A', parts: 500_000 }],
      holdings: [holding('A', '10', 5)],
      equityMicros: cashMicros(-1),
    });
    expect(lost).toEqual({ reductions: [{ symbol: 'A', delta: -5 }], additions: [], refusals: [] });
  });
});
