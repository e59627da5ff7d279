import type {
  Bar,
  OrderRevision,
  OrderTerms,
  PostedAction,
  Quantity,
  TimeUs,
} from '@capstan/domain';
import type { SplitRatio } from './matching/adjust-for-split.ts';

/** Something done to the exchange. Its whole state follows from the inputs, in their order. */
export type ExchangeInput =
  | { readonly kind: 'submit'; readonly order: OrderTerms; readonly atUs: TimeUs }
  | {
      readonly kind: 'cancel';
      readonly accountId: string;
      readonly orderId: string;
      readonly atUs: TimeUs;
    }
  | {
      readonly kind: 'replace';
      readonly accountId: string;
      readonly orderId: string;
      /** Replaces of the order asked for so far, from 1. */
      readonly count: number;
      readonly revision: OrderRevision;
      readonly atUs: TimeUs;
    }
  /** Fills a market order at the close of the bar at whose end it was decided; see {@link Matcher.fillAtClose}. */
  | { readonly kind: 'fillAtClose'; readonly orderId: string; readonly bar: Bar }
  /** Restates orders and positions before the first bar on the new share count; see {@link Matcher.adjustForSplit}. */
  | {
      readonly kind: 'split';
      readonly symbol: string;
      readonly ratio: SplitRatio;
      readonly atUs: TimeUs;
    }
  /** Takes effect at once, before the next bar. */
  | {
      readonly kind: 'post';
      readonly actionId: string;
      readonly action: PostedAction;
      readonly atUs: TimeUs;
    }
  /** Bars of symbols that have working orders; all others change nothing. */
  | {
      readonly kind: 'slice';
      readonly feed: string;
      readonly endUs: TimeUs;
      readonly bars: readonly Bar[];
    };

export type ExchangeAnswer =
  | { readonly kind: 'accepted'; readonly venueOrderId: string }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'requested' };

export type ExchangeOrderState = 'working' | 'filled' | 'cancelled' | 'rejected' | 'expired';

/** An order as the exchange has it. */
export interface ExchangeOrder {
  readonly terms: OrderTerms;
  readonly venueOrderId: string;
  readonly state: ExchangeOrderState;
  readonly filledQuantity: Quantity;
  readonly reason?: string;
  /** The last replace that was asked for, and why it was refused. */
  readonly replaced?: { readonly count: number; readonly refusal?: string };
}
