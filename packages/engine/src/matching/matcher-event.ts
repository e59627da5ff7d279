import type { CashMicros, OrderTerms, PriceNanos, Quantity, TimeUs } from '@capstan/domain';

/** Why an order ended without being filled, in words. */
export const END_REASONS = {
  requested: 'cancelled on request',
  immediateOrCancel: 'immediate-or-cancel: not filled by its first bar',
  sessionEnded: 'the session ended',
  notAtOpen: "on-open: not filled at the open of the session's first bar",
  notAtClose: "on-close: not filled at the close of the session's last bar",
  otherExit: 'another exit of its entry filled',
  nothingLeft: 'nothing is left of what it protects',
  closing: 'its bot closes the position by an order of its own',
  protected: 'a protective exit of its bot filled',
  split: 'a split left less than one lot of it',
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
    }
  /** A protective exit works from now on: its entry has opened something. */
  | {
      readonly kind: 'accepted';
      readonly orderId: string;
      readonly eventAtUs: TimeUs;
      readonly parentOrderId: string;
      readonly terms: OrderTerms;
    };
