import { ORDER_TYPES, type OrderType, TIMES_IN_FORCE, type TimeInForce } from '@capstan/domain';

/** Why an order exists; `OrderColumns.cause` is an index into it. The last two are the steps of a rebalance. */
export const ORDER_CAUSES = [
  'signal',
  'protection',
  'halt',
  'endOfRun',
  'reduction',
  'addition',
  'closing',
] as const;
export type OrderCause = (typeof ORDER_CAUSES)[number];

/** How an order stands at the end of the run; `OrderColumns.state` is an index into it. */
export const ORDER_ENDS = ['working', 'filled', 'cancelled', 'expired', 'rejected'] as const;
export type OrderEnd = (typeof ORDER_ENDS)[number];

/** What part of a bracket an order is: `OrderColumns.leg`. The order of a signal is the entry. */
export const LEGS = { entry: 0, stop: 1, target: 2, trail: 3 } as const;

/**
 * The orders of a run as columns of `count` rows or more, in the order in which they began: of a slice first the exits that
 * its bars began, then what was decided, by symbol. Rows beyond `count` mean nothing. Prices are nanos, NaN where the order has none; times are microseconds.
 */
export interface OrderColumns {
  readonly count: number;
  /** Index into the timeline: the slice that decided it; of an exit the one in which its entry began to open something. */
  readonly slice: Int32Array;
  /** Row of the symbol's own bars at that slice, or the last one before it. */
  readonly row: Int32Array;
  /** Index into the result's symbols. */
  readonly symbolIndex: Uint16Array;
  /** +1 buys, -1 sells. */
  readonly side: Int8Array;
  /** Positive, at the instrument's scale, as ordered. A split while it works does not change it. */
  readonly quantity: Float64Array;
  /** Index into {@link ORDER_TYPE_CODES}. */
  readonly type: Uint8Array;
  readonly limitPriceNanos: Float64Array;
  readonly stopPriceNanos: Float64Array;
  /** Index into {@link TIME_IN_FORCE_CODES}. */
  readonly timeInForce: Uint8Array;
  /** 1 where it could only bring the position nearer to zero. */
  readonly reducing: Uint8Array;
  /** Of {@link LEGS}. */
  readonly leg: Uint8Array;
  /** Row of the entry that a protective order belongs to; -1 for all others. */
  readonly parent: Int32Array;
  /** Index into {@link ORDER_CAUSES}. */
  readonly cause: Uint8Array;
  /** Index into {@link ORDER_ENDS}. */
  readonly state: Uint8Array;
  /** Of what was ordered, 0 or more, at the instrument's scale as of the fills. */
  readonly filledQuantity: Float64Array;
  /** When it ended; NaN while it works. */
  readonly endUs: Float64Array;
}

/** Order types as {@link OrderColumns} numbers them. */
export const ORDER_TYPE_CODES: readonly OrderType[] = ORDER_TYPES;

/** Times in force as {@link OrderColumns} numbers them. */
export const TIME_IN_FORCE_CODES: readonly TimeInForce[] = TIMES_IN_FORCE;

/**
 * The fills of a run as columns of `count` rows or more, in the order in which the ledger took them. Rows beyond `count` mean
 * nothing.
 */
export interface FillColumns {
  readonly count: number;
  /** Index into the timeline: the slice whose bar filled it. */
  readonly slice: Int32Array;
  /** Row of the symbol's own bars. */
  readonly row: Int32Array;
  /** Index into the result's symbols. */
  readonly symbolIndex: Uint16Array;
  /** Row of the order. */
  readonly order: Int32Array;
  /** +1 buys, -1 sells. */
  readonly side: Int8Array;
  /** Positive, at the instrument's scale. */
  readonly quantity: Float64Array;
  readonly priceNanos: Float64Array;
  /** 0 or more. */
  readonly feeMicros: Float64Array;
  /** The bar's start for a fill at its open, else its end. Microseconds. */
  readonly eventAtUs: Float64Array;
}
