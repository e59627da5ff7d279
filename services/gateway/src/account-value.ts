import {
  averagePriceNanos,
  type CashMicros,
  cashMicros,
  type Instrument,
  type InstrumentBook,
  marketValueMicros,
  type PriceNanos,
  positionOfRow,
  type TimeUs,
  unrealisedMicros,
  usEquity,
} from '@capstan/domain';
import type { LedgerCashRecord, LedgerPositionRecord } from '@capstan/ports';
import type { MarkPrice } from './marks.ts';

/** A position of the ledger with what it is worth. What needs a price is absent where there is none. */
export interface ValuedPosition extends LedgerPositionRecord {
  readonly averagePriceNanos?: PriceNanos;
  readonly markPriceNanos?: PriceNanos;
  readonly markAtUs?: TimeUs;
  readonly marketValueMicros?: CashMicros;
  readonly unrealisedMicros?: CashMicros;
}

/** An account's worth now. */
export interface AccountValue {
  readonly cashMicros: CashMicros;
  readonly marketValueMicros: CashMicros;
  readonly equityMicros: CashMicros;
  readonly realisedMicros: CashMicros;
  readonly unrealisedMicros: CashMicros;
  readonly feesMicros: CashMicros;
  /** False where an open position has no price: then the sums leave it out. */
  readonly complete: boolean;
}

/** Values a ledger's positions; symbols that no instrument names are US equities, as everywhere. Pure. */
export function valuePositions(
  positions: readonly LedgerPositionRecord[],
  instruments: ReadonlyMap<string, Instrument>,
  marks: ReadonlyMap<string, MarkPrice>,
): readonly ValuedPosition[] {
  return positions.map((row) => {
    const instrument = instruments.get(row.symbol) ?? usEquity(row.symbol);
    const position = positionOfRow(row);
    const average = averagePriceNanos(position, instrument);
    const mark = marks.get(row.symbol);
    return {
      ...row,
      ...(average === undefined ? {} : { averagePriceNanos: average }),
      ...(mark === undefined
        ? {}
        : {
            markPriceNanos: mark.priceNanos,
            markAtUs: mark.atUs,
            marketValueMicros: marketValueMicros(position, mark.priceNanos, instrument),
            unrealisedMicros: unrealisedMicros(position, mark.priceNanos, instrument),
          }),
    };
  });
}

/** Sums an account's cash and valued positions. Pure. */
export function valueAccount(
  cash: readonly LedgerCashRecord[],
  positions: readonly ValuedPosition[],
): AccountValue {
  const sum = (values: readonly number[]): CashMicros =>
    cashMicros(values.reduce((total, value) => total + value, 0));
  const cashTotal = sum(cash.map((row) => row.cashMicros));
  const marketValue = sum(positions.map((row) => row.marketValueMicros ?? 0));
  return {
    cashMicros: cashTotal,
    marketValueMicros: marketValue,
    equityMicros: cashMicros(cashTotal + marketValue),
    realisedMicros: sum(positions.map((row) => row.realisedMicros)),
    unrealisedMicros: sum(positions.map((row) => row.unrealisedMicros ?? 0)),
    feesMicros: sum(positions.map((row) => row.feesMicros)),
    complete: positions.every((row) => row.quantity === 0 || row.marketValueMicros !== undefined),
  };
}

/** Returns a book's instruments by symbol, for asking without an error. */
export function bySymbol(book: InstrumentBook): ReadonlyMap<string, Instrument> {
  return new Map(book.all().map((instrument) => [instrument.symbol, instrument]));
}
