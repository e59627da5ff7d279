import type { CashMicros, PriceNanos } from '@capstan/domain';

/**
 * Closed trades as columns of `count` rows or more, in the order in which they closed. Rows beyond `count` mean nothing. Money
 * is exact in integer micros; prices are float nanos as traded; excursions are float micros, NaN without bars.
 */
export interface TradeColumns {
  readonly count: number;
  readonly symbolIndex: Uint16Array;
  /** +1 long, -1 short. */
  readonly side: Int8Array;
  /** Rows of the symbol's bars in which it opened and closed. */
  readonly entryRow: Int32Array;
  readonly exitRow: Int32Array;
  /** Microseconds. */
  readonly entryAtUs: Float64Array;
  readonly exitAtUs: Float64Array;
  /** Mean price of what opened or added. */
  readonly entryPriceNanos: Float64Array;
  /** Mean price of what reduced or closed. */
  readonly exitPriceNanos: Float64Array;
  /** Notional of what opened or added, without its sign. */
  readonly entryNotionalMicros: Float64Array;
  /** The most that was held, without its sign, at the instrument's scale. */
  readonly quantity: Float64Array;
  readonly fillCount: Int32Array;
  /** Profit before fees, with income. */
  readonly grossMicros: Float64Array;
  readonly feesMicros: Float64Array;
  /** Dividends and cash for fractions. */
  readonly incomeMicros: Float64Array;
  /** Worst profit before fees while it was open, at most 0: maximum adverse excursion. */
  readonly adverseMicros: Float64Array;
  /** Best profit before fees while it was open, at least 0: maximum favourable excursion. */
  readonly favourableMicros: Float64Array;
}

/** One closed trade, for tables and files. */
export interface ClosedTrade {
  readonly symbolIndex: number;
  readonly side: 'long' | 'short';
  readonly entryRow: number;
  readonly exitRow: number;
  /** Exit row − entry row. */
  readonly barsHeld: number;
  readonly entryAtUs: number;
  readonly exitAtUs: number;
  readonly entryPriceNanos: number;
  readonly exitPriceNanos: number;
  readonly entryNotionalMicros: CashMicros;
  readonly quantity: number;
  readonly fillCount: number;
  readonly grossMicros: CashMicros;
  readonly feesMicros: CashMicros;
  readonly incomeMicros: CashMicros;
  /** Gross − fees. */
  readonly netMicros: CashMicros;
  /** Net ÷ entry notional; `undefined` where that rounds to nothing. */
  readonly returnFraction: number | undefined;
  /** MAE and MFE, and the same ÷ entry notional; `undefined` without bars. */
  readonly adverseMicros: number | undefined;
  readonly favourableMicros: number | undefined;
  readonly adverseFraction: number | undefined;
  readonly favourableFraction: number | undefined;
}

/** A trade that is open at the end, at the symbol's last close. */
export interface OpenTrade {
  readonly symbolIndex: number;
  readonly side: 'long' | 'short';
  readonly entryRow: number;
  readonly entryAtUs: number;
  readonly entryPriceNanos: number;
  readonly entryNotionalMicros: CashMicros;
  /** Signed, at the instrument's scale. */
  readonly openQuantity: number;
  readonly fillCount: number;
  readonly feesMicros: CashMicros;
  readonly incomeMicros: CashMicros;
  /** `undefined` without bars, as all that follows from it. */
  readonly markNanos: PriceNanos | undefined;
  readonly grossMicros: CashMicros | undefined;
  readonly netMicros: CashMicros | undefined;
  readonly adverseMicros: number | undefined;
  readonly favourableMicros: number | undefined;
}
