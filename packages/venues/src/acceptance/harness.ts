import type { OrderTerms, PriceNanos, TimeUs } from '@capstan/domain';
import type { BrokerVenue } from '@capstan/ports';

/** What a harness can do to the other side of an adapter, or of what is between them. */
export const ABILITIES = [
  'loseAnswer',
  'loseSend',
  'failAnswer',
  'slowAnswer',
  'tooOften',
  'cutAnswer',
  'hideOrder',
  'dropStream',
  'loseFill',
  'repeatFrames',
  'fillRacesCancel',
  'thinMarket',
  'killKeys',
  'clockOffset',
  'halt',
  'endDay',
  'foreignOrder',
  'amendOrder',
  'refuseFunds',
  'postCash',
  'fractions',
  'options',
  'loseReplace',
  'refuseReplace',
  'fillRacesReplace',
  'extendedHours',
  'pages',
] as const;
export type Ability = (typeof ABILITIES)[number];

/** What goes wrong, once unless said, until {@link VenueHarness.heal}. */
export type Trouble =
  | {
      readonly kind: Exclude<
        Ability,
        | 'thinMarket'
        | 'halt'
        | 'endDay'
        | 'foreignOrder'
        | 'amendOrder'
        | 'refuseFunds'
        | 'postCash'
        | 'fractions'
        | 'options'
        | 'extendedHours'
        | 'pages'
      >;
    }
  /** The next trades offer no more than so many units. */
  | { readonly kind: 'thinMarket'; readonly units: number }
  | { readonly kind: 'halt' };

/** An adapter with a venue behind it that a test has in its hands. */
export interface VenueHarness {
  readonly venue: BrokerVenue;
  readonly accountId: string;
  readonly runId: string;
  /** A symbol that trades in whole shares at every step. */
  readonly symbol: string;
  /** One that trades in thousandths of a share; absent where there is none. */
  readonly fractional?: string;
  /** An option that trades; absent where there is none. */
  readonly option?: string;
  readonly abilities: ReadonlySet<Ability>;
  /** By the venue's clock. */
  nowUs(): TimeUs;
  lastPrice(): Promise<PriceNanos>;
  /** Lets the market trade on by a step: orders that its prices reach fill. */
  pass(): Promise<void>;
  /** Lets something go wrong. Called only with what the harness is able to do. */
  trouble(trouble: Trouble): Promise<void>;
  /** Lets everything go well again. */
  heal(): Promise<void>;
  /** Ends the trading day. */
  endDay(): Promise<void>;
  /** Goes on to a time at which the venue trades before the session, of the next day. */
  beforeOpen(): Promise<void>;
  /** Has somebody else place an order on the account. */
  foreignOrder(order: Pick<OrderTerms, 'side' | 'quantity'>): Promise<void>;
  /** Has somebody else place an order for an amount of money. */
  foreignNotional(dollars: number): Promise<void>;
  /** Has a person give an order of ours another limit at the broker. */
  amend(orderId: string, limit: PriceNanos): Promise<void>;
  /** Moves cash on the account without a trade. */
  postCash(): Promise<void>;
  close(): Promise<void>;
}
