import type { TradeData } from '../src/chart-data.ts';
import { unpackColumn } from '../src/packed-column.ts';

/** The trades of the page as columns of `count` rows; open ones last. */
export interface Trades {
  readonly count: number;
  readonly openFrom: number;
  readonly symbols: readonly string[];
  readonly symbolIndex: Float64Array;
  readonly side: Float64Array;
  readonly entryAtS: Float64Array;
  readonly exitAtS: Float64Array;
  readonly entryRow: Float64Array;
  readonly exitRow: Float64Array;
  readonly quantity: Float64Array;
  readonly quantityPlaces: number;
  readonly entryPrice: Float64Array;
  readonly exitPrice: Float64Array;
  readonly pricePlaces: number;
  readonly net: Float64Array;
  readonly returnFraction: Float64Array;
  readonly fees: Float64Array;
  readonly adverseFraction: Float64Array;
  readonly favourableFraction: Float64Array;
}

/** Unpacks the trades. */
export function tradesOf(data: TradeData): Trades {
  const { count } = data.side;
  return {
    count,
    openFrom: count - data.openCount,
    symbols: data.symbols,
    symbolIndex: unpackColumn(data.symbolIndex),
    side: unpackColumn(data.side),
    entryAtS: unpackColumn(data.entryAtS),
    exitAtS: unpackColumn(data.exitAtS),
    entryRow: unpackColumn(data.entryRow),
    exitRow: unpackColumn(data.exitRow),
    quantity: unpackColumn(data.quantity),
    quantityPlaces: data.quantity.decimals,
    entryPrice: unpackColumn(data.entryPrice),
    exitPrice: unpackColumn(data.exitPrice),
    pricePlaces: data.entryPrice.decimals - 2,
    net: unpackColumn(data.net),
    returnFraction: unpackColumn(data.returnFraction),
    fees: unpackColumn(data.fees),
    adverseFraction: unpackColumn(data.adverseFraction),
    favourableFraction: unpackColumn(data.favourableFraction),
  };
}

/** Value of a row; every row has one, if only NaN. */
export const at = (column: Float64Array, row: number): number => column[row] ?? Number.NaN;
