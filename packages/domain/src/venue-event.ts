import type { CashMicros, PriceNanos, Quantity, TimeUs } from './numbers.ts';

/** What a venue's event stream says of an order. `sequence` rises from 1 without gaps within an account. */
export type VenueEvent = {
  readonly sequence: number;
  readonly accountId: string;
  readonly orderId: string;
  readonly eventAtUs: TimeUs;
} & (
  | { readonly kind: 'accepted'; readonly venueOrderId: string }
  | { readonly kind: 'rejected'; readonly reason: string }
  | ({ readonly kind: 'filled' } & VenueExecution)
  | { readonly kind: 'busted'; readonly executionId: string }
  | ({ readonly kind: 'corrected' } & VenueExecution)
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'cancelRejected'; readonly reason: string }
  | { readonly kind: 'expired' }
);

/** A trade as the venue reports it. */
export interface VenueExecution {
  readonly executionId: string;
  readonly quantity: Quantity;
  readonly priceNanos: PriceNanos;
  readonly feeMicros: CashMicros;
}
