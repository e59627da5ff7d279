import { type Instrument, quantity, usEquity } from '@capstan/domain';
import type { FillColumns, TradedBars, TradedSymbol } from './fill-columns.ts';

/** A fill for tests: dollars, whole units, and the moment within its bar. */
export interface TestFill {
  readonly row: number;
  /** Signed: negative sells. */
  readonly units: number;
  readonly price: number;
  readonly fee?: number;
  readonly symbol?: number;
  readonly at?: 'open' | 'end';
}

/** Builds fill columns with room for rows that mean nothing. Bars are one microsecond long. */
export function fillColumns(fills: readonly TestFill[]): FillColumns {
  const room = fills.length + 2;
  const column = (of: (fill: TestFill) => number): Float64Array => {
    const values = new Float64Array(room).fill(Number.NaN);
    values.set(fills.map(of));
    return values;
  };
  return {
    count: fills.length,
    symbolIndex: Uint16Array.from(column((fill) => fill.symbol ?? 0)),
    row: Int32Array.from(column((fill) => fill.row)),
    side: Int8Array.from(column((fill) => Math.sign(fill.units))),
    quantity: column((fill) => Math.abs(fill.units)),
    priceNanos: column((fill) => Math.round(fill.price * 1e9)),
    feeMicros: column((fill) => Math.round((fill.fee ?? 0) * 1e6)),
    eventAtUs: column((fill) => fill.row + (fill.at === 'open' ? 0 : 1)),
  };
}

/** Builds bars from dollars: low, high and close of each. */
export function tradedBars(rows: readonly (readonly [number, number, number])[]): TradedBars {
  const nanos = (cell: 0 | 1 | 2) => Float64Array.from(rows, (row) => Math.round(row[cell] * 1e9));
  return {
    startUs: Float64Array.from(rows.keys()),
    endUs: Float64Array.from(rows.keys(), (row) => row + 1),
    lowNanos: nanos(0),
    highNanos: nanos(1),
    closeNanos: nanos(2),
  };
}

/** A share as a traded symbol. */
export function share(
  bars?: TradedBars,
  instrument: Instrument = { ...usEquity('SPY'), lot: quantity(1) },
): TradedSymbol {
  return bars === undefined ? { instrument } : { instrument, bars };
}
