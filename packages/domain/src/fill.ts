import type { CashMicros, PriceNanos, Quantity, TimeUs } from './numbers.ts';
import type { OrderSide } from './order.ts';

export const FILL_KINDS = ['fill', 'bust', 'correction'] as const;
export type FillKind = (typeof FILL_KINDS)[number];

/**
 * A trade of an order, or the venue's later word on one. A bust undoes the fill named by `refersTo`; a correction
 * replaces its quantity, price and fee.
 */
export interface Fill {
  /** The venue's execution id, unique within the account; `internal/…` where another bot of the account is the other side. */
  readonly fillId: string;
  readonly kind: FillKind;
  /** The `fillId` that a bust or a correction speaks of. */
  readonly refersTo?: string;
  readonly orderId: string;
  readonly runId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Positive, at the instrument's scale. */
  readonly quantity: Quantity;
  readonly priceNanos: PriceNanos;
  /** Commission and fees, positive when paid. */
  readonly feeMicros: CashMicros;
  /** When the venue says it happened. */
  readonly eventAtUs: TimeUs;
  /** Order of the account's fill events, from 1, without gaps: ledgers apply by it. */
  readonly accountSequence: number;
}
