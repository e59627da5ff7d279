import type { CashMicros, Quantity } from './numbers.ts';
import type { Position } from './position.ts';

/** A position in its stored form: plain values, one row for each account, bot and symbol. */
export interface LedgerRow {
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  /** Signed, at the instrument's scale. */
  readonly quantity: Quantity;
  readonly costMicros: CashMicros;
  readonly realisedMicros: CashMicros;
  readonly feesMicros: CashMicros;
}

/** A bot's cash in its stored form. */
export interface LedgerCash {
  readonly accountId: string;
  readonly botId: string;
  readonly cashMicros: CashMicros;
}

/** Returns the stored form of a position. */
export function rowOfPosition(
  accountId: string,
  botId: string,
  symbol: string,
  position: Position,
): LedgerRow {
  const { quantity, costMicros, realisedMicros, feesMicros } = position;
  return { accountId, botId, symbol, quantity, costMicros, realisedMicros, feesMicros };
}

/** Returns the position that a row stores. */
export function positionOfRow(row: LedgerRow): Position {
  const { quantity, costMicros, realisedMicros, feesMicros } = row;
  return { quantity, costMicros, realisedMicros, feesMicros };
}
