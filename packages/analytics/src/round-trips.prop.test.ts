import {
  applyFill,
  cashMicros,
  equityMicros,
  FLAT_POSITION,
  type Instrument,
  type Position,
  positionCashMicros,
  priceNanos,
  quantity,
  usEquity,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FillColumns, TradedBars } from './fill-columns.ts';
import { roundTrips } from './round-trips.ts';
import { closedTrades } from './trade-columns.ts';
import { tradeStatistics } from './trade-statistics.ts';

const instruments: readonly Instrument[] = [
  usEquity('SPY'),
  { ...usEquity('FRAC'), quantityScale: 6 },
  { ...usEquity('ES'), assetClass: 'future', multiplier: 50 },
];
const bars: TradedBars = {
  startUs: Float64Array.from({ length: 50 }, (_, row) => row),
  endUs: Float64Array.from({ length: 50 }, (_, row) => row + 1),
  lowNanos: new Float64Array(50).fill(90_123_456_789),
  highNanos: new Float64Array(50).fill(110_123_456_789),
  closeNanos: new Float64Array(50).fill(100_123_456_789),
};
const fillRows = fc.array(
  fc.record({
    symbolIndex: fc.nat(2),
    step: fc.nat(1),
    side: fc.constantFrom(1, -1),
    quantity: fc.integer({ min: 1, max: 12 }),
    priceNanos: fc.integer({ min: 90_123_456_789, max: 110_123_456_789 }),
    feeMicros: fc.nat(1_000_000),
    atOpen: fc.boolean(),
  }),
  { maxLength: 40 },
);
const histories = fillRows.map((rows) => {
  let row = 0;
  const rowOf = rows.map(({ step }) => {
    row += step;
    return row;
  });
  const column = (of: (fill: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
  const fills: FillColumns = {
    count: rows.length,
    symbolIndex: Uint16Array.from(column((fill) => fill.symbolIndex)),
    row: Int32Array.from(rowOf),
    side: Int8Array.from(column((fill) => fill.side)),
    quantity: column((fill) => fill.quantity * (fill.symbolIndex === 1 ? 333_333 : 1)),
    priceNanos: column((fill) => fill.priceNanos),
    feeMicros: column((fill) => fill.feeMicros),
    eventAtUs: Float64Array.from(rowOf),
  };
  return { fills, symbols: instruments.map((instrument) => ({ instrument, bars })) };
});

function ledgerOf(fills: FillColumns): Position[] {
  const positions = instruments.map(() => FLAT_POSITION);
  for (let at = 0; at < fills.count; at += 1) {
    const index = fills.symbolIndex[at] ?? 0;
    const fill = {
      side: (fills.side[at] ?? 0) > 0 ? ('buy' as const) : ('sell' as const),
      quantity: quantity(fills.quantity[at] ?? 0),
      priceNanos: priceNanos(fills.priceNanos[at] ?? 0),
      feeMicros: cashMicros(fills.feeMicros[at] ?? 0),
    };
    const instrument = instruments[index] as Instrument;
    positions[index] = applyFill(positions[index] ?? FLAT_POSITION, fill, instrument);
  }
  return positions;
}

describe('roundTrips', () => {
  it('adds up to what the ledger gained, to the micro, with flips, partial fills and open trades', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { closed, open, feesMicros } = roundTrips(history);
        const positions = ledgerOf(history.fills);
        const cash = positions.reduce(
          (sum, position, index) =>
            sum + positionCashMicros(position, instruments[index] as Instrument),
          0,
        );
        const marked = positions.map((position, index) => ({
          position,
          instrument: instruments[index] as Instrument,
          markNanos: priceNanos(100_123_456_789),
        }));
        const gained = equityMicros(cashMicros(cash), marked);
        const trades = closedTrades(closed);
        const net = trades.reduce((sum, trade) => sum + trade.netMicros, 0);
        const standing = open.reduce((sum, trade) => sum + (trade.netMicros ?? Number.NaN), 0);
        expect(net + standing).toBe(gained);
        expect(tradeStatistics(closed).netMicros).toBe(net);
        expect(feesMicros).toBe(positions.reduce((sum, one) => sum + one.feesMicros, 0));
        expect(open.map(({ symbolIndex, openQuantity }) => [symbolIndex, openQuantity])).toEqual(
          positions.flatMap((one, index) => (one.quantity === 0 ? [] : [[index, one.quantity]])),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('keeps time in order and the profit of every trade within its excursions', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const trades = closedTrades(roundTrips(history).closed);
        let before = 0;
        for (const trade of trades) {
          expect(trade.entryAtUs).toBeLessThanOrEqual(trade.exitAtUs);
          expect(trade.exitAtUs).toBeGreaterThanOrEqual(before);
          before = trade.exitAtUs;
          expect(trade.barsHeld).toBeGreaterThanOrEqual(0);
          const [worst = 0, best = 0] = [trade.adverseMicros, trade.favourableMicros];
          expect(worst).toBeLessThanOrEqual(0);
          expect(best).toBeGreaterThanOrEqual(0);
          expect(trade.grossMicros).toBeGreaterThanOrEqual(worst - trade.fillCount);
          expect(trade.grossMicros).toBeLessThanOrEqual(best + trade.fillCount);
        }
      }),
    );
  });
});
