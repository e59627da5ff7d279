import { assert, type Fill, standingFills } from '@capstan/domain';
import type { FillColumns, TradedSymbol } from './fill-columns.ts';

/**
 * Makes columns of stored fills: those that still stand after busts and corrections, in the ledger's order. A fill lies in
 * the first bar that ends after it, at the latest in the last one; without bars in row 0.
 * @param entries all of one bot, in any order.
 * @param symbols those that it traded, with bars where excursions and bars held are wanted.
 * @throws LEDGER.REFERENCE for a bust or correction of a fill that is not among the entries.
 */
export function fillsOfHistory(
  entries: readonly Fill[],
  symbols: readonly TradedSymbol[],
): FillColumns {
  const indexOf = new Map(symbols.map(({ instrument }, index) => [instrument.symbol, index]));
  const inOrder = [...entries].sort((a, b) => a.accountSequence - b.accountSequence);
  const fills = standingFills(inOrder);
  const symbolOf = (fill: Fill): number => {
    const index = indexOf.get(fill.symbol);
    assert(index !== undefined, `fill ${fill.fillId} is of ${fill.symbol}, which is not listed`);
    return index;
  };
  return {
    count: fills.length,
    symbolIndex: Uint16Array.from(fills, symbolOf),
    row: Int32Array.from(fills, (fill) => rowOf(symbols[symbolOf(fill)], fill.eventAtUs)),
    side: Int8Array.from(fills, (fill) => (fill.side === 'buy' ? 1 : -1)),
    quantity: Float64Array.from(fills, (fill) => fill.quantity),
    priceNanos: Float64Array.from(fills, (fill) => fill.priceNanos),
    feeMicros: Float64Array.from(fills, (fill) => fill.feeMicros),
    eventAtUs: Float64Array.from(fills, (fill) => fill.eventAtUs),
  };
}

function rowOf(symbol: TradedSymbol | undefined, us: number): number {
  const endUs = symbol?.bars?.endUs;
  return endUs === undefined
    ? 0
    : Math.max(0, Math.min(firstRowAfter(endUs, us), endUs.length - 1));
}

/** Returns the first row that ends after a time; the count of rows where none does. @complexity O(log rows) */
export function firstRowAfter(endUs: Float64Array, us: number): number {
  let low = 0;
  let high = endUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((endUs[middle] as number) <= us) low = middle + 1;
    else high = middle;
  }
  return low;
}
