import type { CashMicros, PriceNanos, Quantity, TimeUs } from '@capstan/domain';

/** Why an order ended without being filled, in words. */
export const END_REASONS = {
  requested: 'cancelled on request',
  immediateOrCancel: 'immediate-or-cancel: not filled by its first bar',
  sessionEnded: 'the session ended',
} as const;
export type EndReason = (typeof END_REASONS)[keyof typeof END_REASONS];

/** What the matcher says of an order. */
export type MatcherEvent =
  | {
      readonly kind: 'filled';
      readonly orderId: string;
      /** Of this fill: positive, at the instrument's scale. */
      readonly quantity: Quantity;
      readonly priceNanos: PriceNanos;
      /** Of this fill, 0 or more. */
      readonly feeMicros: CashMicros;
      /** The bar's start for a fill at the open, else the bar's end. */
      readonly eventAtUs: TimeUs;
    }
  | {
      readonly kind: 'expired' | 'cancelled';
      readonly orderId: string;
      readonly eventAtUs: TimeUs;
      readonly reason: EndReason;
    };
