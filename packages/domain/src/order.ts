import type { Exits, Trail } from './exits.ts';
import type { CashMicros, PriceNanos, Quantity, TimeUs } from './numbers.ts';

export const ORDER_SIDES = ['buy', 'sell'] as const;
export type OrderSide = (typeof ORDER_SIDES)[number];

export const ORDER_TYPES = ['market', 'limit', 'stop', 'stopLimit', 'trailingStop'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/**
 * How long an order works. `onOpen`: only at the open of the next session's first bar. `onClose`: only at the close of the
 * session's last bar.
 */
export const TIMES_IN_FORCE = ['day', 'gtc', 'ioc', 'onOpen', 'onClose'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/**
 * What is asked of a venue. `orderId` is the client order id there. A `trailingStop` has a trail: it triggers where the price
 * comes back from the best price of the bars before by that much.
 */
export interface OrderTerms extends Trail {
  readonly orderId: string;
  readonly intentId: string;
  readonly runId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Positive, at the instrument's scale. */
  readonly quantity: Quantity;
  readonly type: OrderType;
  readonly limitPriceNanos?: PriceNanos;
  readonly stopPriceNanos?: PriceNanos;
  /** The first best price of a `trailingStop`; absent: the open of the first bar that it meets. */
  readonly activationPriceNanos?: PriceNanos;
  /** Protective exits of what it opens. */
  readonly exits?: Exits;
  readonly timeInForce: TimeInForce;
  /** True where it can only bring the bot's position nearer to zero. */
  readonly reducing: boolean;
  /** 0 for the order of the intent, else one of its exits. */
  readonly leg: number;
  readonly attempt: number;
  /** The slice at which it was decided: it matches bars that start at or after this time. */
  readonly decidedAtUs: TimeUs;
  /** After this time it must not be sent any more. */
  readonly expiresAtUs: TimeUs;
}

/**
 * States of an order. `unknown`: the venue may or may not have it; only the venue's own word resolves it.
 * `denied`: refused by us before it was sent. `replacing`: it works by its old terms until the venue says that it has the new ones.
 */
export const ORDER_STATES = [
  'approved',
  'submitting',
  'unknown',
  'accepted',
  'partiallyFilled',
  'cancelling',
  'replacing',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'denied',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** What a replace changes of an order: the whole quantity, what is filled of it included, and the prices that its type uses. */
export interface OrderRevision {
  readonly quantity: Quantity;
  readonly limitPriceNanos?: PriceNanos;
  readonly stopPriceNanos?: PriceNanos;
}

/** How an order came to differ from what risk approved. */
export interface OrderReplaces {
  /** Replaces asked for so far, from 1. */
  readonly count: number;
  readonly approved: OrderRevision;
  /** What is asked for; absent unless `replacing`. */
  readonly asked?: OrderRevision;
}

/** An order with all that is known of it. */
export interface Order extends OrderTerms {
  readonly state: OrderState;
  readonly venueOrderId?: string;
  /** 0 to `quantity`, or more where the venue has filled more than was ordered. */
  readonly filledQuantity: Quantity;
  /**
   * Sum of its fills as they were first told: the venue works the rest. Absent where no bust and no correction made it differ
   * from `filledQuantity`.
   */
  readonly executedQuantity?: Quantity;
  /** Absent unless a replace was asked for. */
  readonly replaces?: OrderReplaces;
  /** Sum of price × quantity of its fills, in micros, without fees. */
  readonly filledNotionalMicros: CashMicros;
  /** In words: why it was rejected, denied, cancelled or is unknown. */
  readonly reason?: string;
  /** Counts its transitions, from 1. */
  readonly version: number;
  readonly updatedAtUs: TimeUs;
}
