import type { Instrument } from '@capstan/domain';

/**
 * Fills as columns of `count` rows or more, in the order in which the ledger took them; a run's own fill columns fit.
 * Rows beyond `count` mean nothing.
 */
export interface FillColumns {
  readonly count: number;
  /** Index into the symbols. */
  readonly symbolIndex: Uint16Array;
  /** Row of the symbol's own bars in which it filled. */
  readonly row: Int32Array;
  /** +1 buys, -1 sells. */
  readonly side: Int8Array;
  /** Positive, at the instrument's scale. */
  readonly quantity: Float64Array;
  readonly priceNanos: Float64Array;
  /** Positive when paid. */
  readonly feeMicros: Float64Array;
  /** The bar's start for a fill at its open, else its end. Microseconds, never falling. */
  readonly eventAtUs: Float64Array;
  /** Exact notional without its sign, where it is at hand; else it is computed. */
  readonly notionalMicros?: Float64Array;
}

/** Bars of one symbol as columns of one length: microseconds and integer nanos. */
export interface TradedBars {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly highNanos: Float64Array;
  readonly lowNanos: Float64Array;
  readonly closeNanos: Float64Array;
}

/** A symbol that fills may be of. */
export interface TradedSymbol {
  readonly instrument: Instrument;
  /** Without them a trade has no excursions, and an open one no mark. */
  readonly bars?: TradedBars;
}

/** What happens to a position without a fill: a split, a dividend, cash for a fraction of a share. */
export interface PositionEvent {
  readonly symbolIndex: number;
  /** It comes before the fills of this time or later. */
  readonly eventAtUs: number;
  /** The signed quantity afterwards, of the same sign, where it changes. */
  readonly quantity?: number;
  /** Cash that the position earned (positive) or owes, when it is earned and not again when it is paid. */
  readonly amountMicros?: number;
}
