import type { OrderRevision, OrderTerms, Quantity, VenueEvent, VenueExit } from '@capstan/domain';
import type { Coverage } from './coverage.ts';
import type { OrderRow } from './rows.ts';

type Told = VenueEvent extends infer Event
  ? Event extends VenueEvent
    ? Omit<Event, 'sequence' | 'accountId'>
    : never
  : never;

/** An event before it has its number. */
export type StoryEvent = Told;

/** An order of Alpaca's: one of ours, one that took the place of one of ours, or somebody else's. */
export interface Link {
  row: OrderRow;
  /** The order that it stands for: our id, or somebody else's client id. */
  readonly orderId: string;
  readonly isOurs: boolean;
  /** What was told as filled of it. */
  readonly coverage: Coverage;
  /** Ids under which its executions were told, by Alpaca's own. */
  readonly told: Map<string, string>;
}

/** One of our orders through all that took its place. */
export interface Thread {
  readonly links: Link[];
  accepted: boolean;
  ended: boolean;
  /** Terms that were told last, where another order took its place. */
  revision: OrderRevision | undefined;
  /** Set where Alpaca made it to protect another one, and that was not told before. */
  readonly exit: VenueExit | undefined;
  /** How often new terms were told as refused. */
  refusals: number;
}

/** What the story knows of an order before it sees it. */
export interface KnownOrder extends OrderRevision {
  readonly orderId: string;
  readonly venueOrderId?: string;
  readonly executed: Quantity;
  /** Absent where none of its exits are Alpaca's to keep, nor it is one. */
  readonly terms?: OrderTerms;
}
