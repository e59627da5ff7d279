import type {
  CashMicros,
  Order,
  OrderSide,
  OrderTerms,
  Quantity,
  SymbolRestriction,
  TimeUs,
  VenueActivity,
  VenueEvent,
  VenueReplaced,
} from '@capstan/domain';
import type { Headers } from './bus.ts';

export type { VenueActivity, VenueEvent } from '@capstan/domain';

/**
 * Protective exits that a venue makes and keeps by itself as the entry that brings them fills. `bracket`: a stop, a take-profit, or
 * both, of which one ends the other; `trailing`: a stop that trails, alone or with them.
 */
export type VenueExits = 'bracket' | 'trailing';

/** What a broker can and cannot do, declared by its adapter. */
export interface VenueCapabilities {
  /** The venue refuses a second order with the same client id for as long as the order can matter. */
  readonly enforcesClientOrderId: boolean;
  /** The venue answers `find` by client order id. */
  readonly findsByClientOrderId: boolean;
  /**
   * How long after a send an order may still be invisible to `find`, or, where its caller gave it up, be under way; absence counts
   * only after it. What comes later may close what something else has closed by then.
   */
  readonly visibilityMs: number;
  /**
   * The venue numbers an account's events without gaps, keeps them, and says by their numbers what an account's state includes. Of a
   * venue that does not, the adapter numbers what it tells: each number is above those before, and what may have been missed is
   * told again, at least once, by {@link VenuePast}.
   */
  readonly numbersEvents: boolean;
  /** The venue says when it has matched a slice of bars. Only simulated venues do. */
  readonly reportsSlices: boolean;
  /** The venue changes quantity and prices of a working order. */
  readonly replaces: boolean;
  /** Most orders that one call of `submitAll` takes; 1 where the venue takes them one by one only. */
  readonly batchSubmitMax: number;
  readonly orderTypes: readonly OrderTerms['type'][];
  readonly timesInForce: readonly OrderTerms['timeInForce'][];
  readonly exits: readonly VenueExits[];
  /** Whether exits that the venue keeps begin with each fill of their entry, or wait until it is filled whole. */
  readonly exitsBegin: 'eachFill' | 'wholeFill';
  /**
   * Exits hold what they protect: any other order that closes it is refused until they have ended, and so is one without exits of its own
   * that could trade with them.
   */
  readonly exitsHold: boolean;
  /**
   * Takes exits for what is held already: a stop, or a limit order (leg 2) whose own `exits` name a stop, of which one ends the other.
   * The stop of such a pair is told as an exit of it.
   */
  readonly exitsLater: boolean;
  /**
   * What the venue tells of corporate actions and of cash that moves without a trade. `all`: everything since the account was
   * opened. `recent`: a list that may go back to before Capstan traded here; what it has at the first look is not booked.
   */
  readonly activities: 'all' | 'recent' | 'none';
}

/** The venue's clear answer to a submission. Anything unclear is thrown as VENUE.TIMEOUT or VENUE.UNAVAILABLE. */
export type SubmitAnswer =
  | { readonly kind: 'accepted'; readonly venueOrderId: string }
  | {
      readonly kind: 'rejected';
      readonly reason: string;
      /** True where the venue did not let us in at all, which says nothing of the order. */
      readonly noAccess?: boolean;
    }
  /** The venue has an order of this id already; only one that enforces ids says so. */
  | { readonly kind: 'duplicate' };

export type CancelAnswer =
  | { readonly kind: 'requested' }
  | { readonly kind: 'rejected'; readonly reason: string };

export const VENUE_ORDER_STATES = [
  'working',
  'filled',
  'cancelled',
  'rejected',
  'expired',
] as const;
export type VenueOrderState = (typeof VENUE_ORDER_STATES)[number];

/** An order as the venue has it. */
export interface VenueOrder {
  readonly venueOrderId: string;
  readonly orderId: string;
  readonly symbol: string;
  /** Absent where the venue does not say. */
  readonly side?: OrderSide;
  readonly state: VenueOrderState;
  readonly filledQuantity: Quantity;
  readonly reason?: string;
  /**
   * Set where the venue made it as an exit of one of our orders: that order, and which of its exits it is. `orderId` may then be an id
   * that the venue drew, where nobody here has the order on which it hangs.
   */
  readonly exitOf?: { readonly orderId: string; readonly leg: number };
}

/**
 * What a subscription to venue events yields: events, and where the venue reports slices, the statement that all events
 * of bars up to `sliceEndUs` have been delivered before it.
 */
export type VenueUpdate =
  | { readonly kind: 'event'; readonly event: VenueEvent }
  | {
      readonly kind: 'slice';
      readonly accountId: string;
      readonly feed: string;
      readonly sliceEndUs: TimeUs;
      /** Sequence of the last of these events, from 0: who has not taken it has lost some. */
      readonly afterSequence: number;
    };

export interface VenueUpdates {
  /** Returns what came, waiting for at least one; an empty array only after `close`. Reconnects by itself. */
  next(): Promise<readonly VenueUpdate[]>;
  close(): Promise<void>;
}

export interface VenuePosition {
  readonly symbol: string;
  /** Signed. */
  readonly quantity: Quantity;
  readonly costMicros: CashMicros;
}

export interface VenueAccount {
  readonly accountId: string;
  readonly currency: string;
  readonly cashMicros: CashMicros;
  /**
   * Sequence of the last event that this state includes. Where the venue numbers none, of the last that its adapter has told in this
   * process, all that the state includes having been looked for before; 0 where nobody here reads the account's events.
   */
  readonly sequence: number;
  readonly positions: readonly VenuePosition[];
}

/** What a venue that numbers no events is to begin with, so that what was missed is found. */
export interface VenuePast {
  /** Time of the last event taken; absent before the first. Some from before it may be told again. */
  readonly eventAtUs?: TimeUs;
  /** Orders that count as not ended: what has become of each is told. */
  readonly working: readonly Order[];
  /** What is known of an order of ours, also of one that has ended. */
  orderOf(orderId: string): Promise<Order | undefined>;
}

/** How a venue's clock stands, and in which symbols it restricts trading. */
export interface VenueConditions {
  /** By the venue's clock, as it answers. */
  readonly nowUs: TimeUs;
  /** Those that are restricted in some way, by symbol. */
  readonly restrictions: readonly SymbolRestriction[];
}

/** A broker, or what stands for one. */
export interface BrokerVenue {
  readonly capabilities: VenueCapabilities;
  /** Tells whether the venue takes this very order together with its exits, where it keeps their kind. Absent: it does. */
  keepsExits?(order: OrderTerms): boolean;
  /**
   * @param cause headers of what led to it, trace context and correlation id, for a venue that can take them.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE when it is not known whether the venue has the order.
   */
  submit(order: OrderTerms, cause?: Headers): Promise<SubmitAnswer>;
  /**
   * Submits several orders in one call, in their order. Called with at most `batchSubmitMax` orders, and only where that is more
   * than one.
   * @returns the answer to each, in their order.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE when it is not known of any of them whether the venue has it.
   */
  submitAll(orders: readonly OrderTerms[], cause?: Headers): Promise<readonly SubmitAnswer[]>;
  /** @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE */
  cancel(accountId: string, orderId: string): Promise<CancelAnswer>;
  /**
   * Changes a working order. Called only where the venue `replaces`. Asking again with the same count changes nothing more; what
   * becomes of it is among the events.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE
   */
  replace(accountId: string, orderId: string, to: VenueReplaced): Promise<CancelAnswer>;
  /** Returns the order of a client order id; `undefined` means that the venue does not see it now. */
  find(accountId: string, orderId: string): Promise<VenueOrder | undefined>;
  openOrders(accountId: string): Promise<readonly VenueOrder[]>;
  account(accountId: string): Promise<VenueAccount>;
  /**
   * Returns the account's activities after one, in the order in which they took effect: a page, empty at the end. Called only where
   * the venue tells them.
   * @param afterActivityId the last one taken; '' from the beginning.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE
   */
  activities(accountId: string, afterActivityId: string): Promise<readonly VenueActivity[]>;
  /** Tells its conditions; absent where it says nothing of them. @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE */
  conditions?(): Promise<VenueConditions>;
  /**
   * Events after `sequence`, from the venue's records, then what comes. Opening it again tells what a stream dropped.
   * @param past given where the venue does not number events.
   */
  updates(accountId: string, afterSequence: number, past?: VenuePast): Promise<VenueUpdates>;
}
