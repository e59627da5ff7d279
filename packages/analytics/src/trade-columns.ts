import { assert, cashMicros } from '@capstan/domain';
import { finite } from './annual.ts';
import type { ClosedTrade, TradeColumns } from './round-trip.ts';

/** Makes room for trades. */
export const emptyTrades = (rows: number): Omit<TradeColumns, 'count'> => ({
  symbolIndex: new Uint16Array(rows),
  side: new Int8Array(rows),
  entryRow: new Int32Array(rows),
  exitRow: new Int32Array(rows),
  entryAtUs: new Float64Array(rows),
  exitAtUs: new Float64Array(rows),
  entryPriceNanos: new Float64Array(rows),
  exitPriceNanos: new Float64Array(rows),
  entryNotionalMicros: new Float64Array(rows),
  quantity: new Float64Array(rows),
  fillCount: new Int32Array(rows),
  grossMicros: new Float64Array(rows),
  feesMicros: new Float64Array(rows),
  incomeMicros: new Float64Array(rows),
  adverseMicros: new Float64Array(rows),
  favourableMicros: new Float64Array(rows),
});

/** Returns one trade of the columns. */
export function tradeAt(trades: TradeColumns, row: number): ClosedTrade {
  assert(row >= 0 && row < trades.count, `trade ${row} of ${trades.count}`);
  const at = (column: ArrayLike<number>): number => column[row] as number;
  const notional = cashMicros(at(trades.entryNotionalMicros));
  const fees = cashMicros(at(trades.feesMicros));
  const gross = cashMicros(at(trades.grossMicros));
  const adverse = finite(at(trades.adverseMicros));
  const favourable = finite(at(trades.favourableMicros));
  const share = (micros: number | undefined): number | undefined =>
    micros === undefined || notional === 0 ? undefined : micros / notional;
  return {
    symbolIndex: at(trades.symbolIndex),
    side: at(trades.side) > 0 ? 'long' : 'short',
    entryRow: at(trades.entryRow),
    exitRow: at(trades.exitRow),
    barsHeld: at(trades.exitRow) - at(trades.entryRow),
    entryAtUs: at(trades.entryAtUs),
    exitAtUs: at(trades.exitAtUs),
    entryPriceNanos: at(trades.entryPriceNanos),
    exitPriceNanos: at(trades.exitPriceNanos),
    entryNotionalMicros: notional,
    quantity: at(trades.quantity),
    fillCount: at(trades.fillCount),
    grossMicros: gross,
    feesMicros: fees,
    incomeMicros: cashMicros(at(trades.incomeMicros)),
    netMicros: cashMicros(gross - fees),
    returnFraction: share(gross - fees),
    adverseMicros: adverse,
    favourableMicros: favourable,
    adverseFraction: share(adverse),
    favourableFraction: share(favourable),
  };
}

/** Returns all trades of the columns, in their order. */
export function closedTrades(trades: TradeColumns): ClosedTrade[] {
  return Array.from({ length: trades.count }, (_, row) => tradeAt(trades, row));
}
