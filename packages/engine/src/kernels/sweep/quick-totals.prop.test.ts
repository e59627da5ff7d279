import { cashMicros, type Instrument, priceNanos, quantity, usEquity } from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommissionModel } from '../../matching/commission.ts';
import type { SeriesColumns } from '../../run/series-columns.ts';
import { totalsOfTrades } from './cross-totals.ts';
import { emptyTrades, type TradingRules, tradeTurns } from './cross-trades.ts';
import { QuickTotals } from './quick-totals.ts';
import { sweepColumns } from './sweep-columns.ts';
import { SweepMoney } from './sweep-money.ts';

const CENT = 10_000_000;

/** Closes in cents, and whether a bar turns. */
const bars = fc.array(fc.record({ move: fc.integer({ min: -30, max: 30 }), turns: fc.boolean() }), {
  minLength: 1,
  maxLength: 150,
  size: 'max',
});
const instruments: fc.Arbitrary<Instrument> = fc
  .record({
    quantityScale: fc.constantFrom(3, 9, 9, 9),
    lot: fc.constantFrom(1, 1, 10),
    multiplier: fc.constantFrom(1, 1, 1, 50),
  })
  .map((grid) => ({
    ...usEquity('X'),
    ...grid,
    lot: quantity(grid.lot),
    tickNanos: priceNanos(1),
  }));
const commissions: fc.Arbitrary<CommissionModel> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.constantFrom(0, 0.25, 1, 35).map((feeBps) => ({ kind: 'bps' as const, feeBps })),
);
const accounts = fc.record({
  instrument: instruments,
  commission: commissions,
  /** Kept free beside the commission. */
  moreBps: fc.constantFrom(0, 0, 0, 1.5),
  cash: fc.constantFrom(20_000_000_000, 100_000_000_000, 1_234_567_891_011),
  atClose: fc.boolean(),
  warmupRows: fc.nat(3),
});
type Account = typeof accounts extends fc.Arbitrary<infer T> ? T : never;
type Bars = typeof bars extends fc.Arbitrary<infer T> ? T : never;

function columnsOf(raw: Bars): SeriesColumns {
  let close = 100_000;
  const closes = raw.map(({ move }) => {
    close = Math.max(100, close + move * 10);
    return close * CENT + (move & 3);
  });
  const closeNanos = Float64Array.from(closes);
  const openNanos = closeNanos.map((price, row) => closeNanos[row - 1] ?? price);
  const endUs = closeNanos.map((_, row) => (row + 1) * 60_000_000);
  const startUs = endUs.map((end) => end - 60_000_000);
  const volume = closeNanos.map(() => 1);
  return {
    startUs,
    endUs,
    openNanos,
    highNanos: openNanos,
    lowNanos: closeNanos,
    closeNanos,
    volume,
  };
}

function rulesOf(of: Account, series: SeriesColumns) {
  const feeBps = (of.commission.kind === 'bps' ? of.commission.feeBps : 0) + of.moreBps;
  const sizing: SizingRule = { kind: 'cashFraction', fraction: 1, feeBps };
  const matcher = {
    limitFill: 'touch',
    commission: of.commission,
    slippage: { kind: 'none' },
  } as const;
  const rules: TradingRules = {
    bars: series,
    money: new SweepMoney({ instrument: of.instrument, sizing, matcher }),
    limits: { policies: [], bufferBps: 0, entryTiming: 'nextOpen', maxDecisionAgeUs: 1 },
    openingMicros: of.cash,
    ...{ delay: of.atClose ? 0 : 1, slips: false, isCapped: false, hard: undefined },
  };
  return { rules, sizing };
}

describe('QuickTotals', () => {
  it('are those of one trade after the other, to the bit, or are left to them', () => {
    const seen = { done: 0, left: 0, fills: 0, open: 0, deep: 0 };
    const property = fc.property(bars, accounts, (raw, of) => {
      const series = columnsOf(raw);
      const columns = sweepColumns(series.closeNanos);
      const { rules, sizing } = rulesOf(of, series);
      const quick = QuickTotals.of({ sizing }, rules);
      const found = raw.flatMap(({ turns }, row) => (turns ? [row + of.warmupRows] : []));
      const turns = { rows: Int32Array.from(found), count: found.length, ...of };
      const trades = emptyTrades(found.length + 1);
      expect(tradeTurns(rules, turns, trades)).toBe(true);
      const account = { instrument: of.instrument, openingMicros: cashMicros(of.cash) };
      const { moments, ...slow } = totalsOfTrades(account, columns, trades);
      const got = quick?.totals(turns);
      if (got === undefined) {
        seen.left += 1;
        return;
      }
      const { moments: gotMoments, ...totals } = got;
      expect(totals).toEqual(slow);
      expect(gotMoments()).toEqual(moments());
      seen.done += 1;
      seen.fills += totals.fillCount;
      seen.open += totals.fillCount % 2;
      seen.deep += totals.maxDrawdownFraction < 0 ? 1 : 0;
    });
    fc.assert(property, { numRuns: 800 });
    expect(seen.done).toBeGreaterThan(100);
    expect(seen.left).toBeGreaterThan(20);
    expect(seen.fills).toBeGreaterThan(1_000);
    expect(seen.open).toBeGreaterThan(20);
    expect(seen.deep).toBeGreaterThan(60);
  });

  it('say nothing where the account does more', () => {
    const series = columnsOf([{ move: 1, turns: true }]);
    const of: Account = {
      ...{ instrument: usEquity('X'), commission: { kind: 'none' }, moreBps: 0 },
      ...{ cash: 20_000_000_000, atClose: true, warmupRows: 0 },
    };
    const { rules, sizing } = rulesOf(of, series);
    expect(QuickTotals.of({ sizing }, rules)).toBeDefined();
    expect(QuickTotals.of({ sizing }, { ...rules, slips: true })).toBeUndefined();
    expect(QuickTotals.of({ sizing }, { ...rules, isCapped: true })).toBeUndefined();
    const fixed: SizingRule = { kind: 'fixedQuantity', quantity: 1 };
    expect(QuickTotals.of({ sizing: fixed }, rules)).toBeUndefined();
  });
});
