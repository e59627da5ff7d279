import type { CashMicros, PriceNanos, Quantity, TimeUs } from './numbers.ts';
import type { OrderRevision, OrderTerms } from './order.ts';

/** What a venue's event stream says of an order. `sequence` rises from 1 without gaps within an account. */
export type VenueEvent = {
  readonly sequence: number;
  readonly accountId: string;
  readonly orderId: string;
  readonly eventAtUs: TimeUs;
} & (
  | { readonly kind: 'accepted'; readonly venueOrderId: string; readonly exit?: VenueExit }
  | { readonly kind: 'rejected'; readonly reason: string }
  | ({ readonly kind: 'filled' } & VenueExecution)
  | { readonly kind: 'busted'; readonly executionId: string }
  | ({ readonly kind: 'corrected' } & VenueExecution)
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'cancelRejected'; readonly reason: string }
  | ({ readonly kind: 'replaced' } & VenueReplaced)
  | { readonly kind: 'replaceRejected'; readonly reason: string }
  | { readonly kind: 'expired' }
);

/** The terms by which the venue works an order from now on. */
export interface VenueReplaced extends OrderRevision {
  /** Of the request that it answers: the order's replaces so far. */
  readonly count: number;
}

/** A protective exit that the venue made as its entry order filled. */
export interface VenueExit {
  /** The entry order. */
  readonly parentOrderId: string;
  /** Its quantity is the most that it may come to protect. */
  readonly terms: OrderTerms;
}

/** A trade as the venue reports it. */
export interface VenueExecution {
  readonly executionId: string;
  readonly quantity: Quantity;
  readonly priceNanos: PriceNanos;
  readonly feeMicros: CashMicros;
}
