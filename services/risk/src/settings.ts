import type { Calendar } from '@capstan/calendar';
import type { CashMicros, InstrumentBook } from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';

/** A bot that an account waits for from the start. */
export interface ExpectedBot {
  readonly botId: string;
  readonly feed: string;
}

/** What one account is. */
export interface RiskAccountSettings {
  readonly runId: string;
  readonly accountId: string;
  /** Opening capital, given to the house once. */
  readonly cashMicros: CashMicros;
  readonly limits: RiskLimits;
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  /** Feeds of its bots that a vendor tells: what that says of clocks and symbols counts too. */
  readonly liveFeeds?: readonly string[];
  /** The configured bots of the account. */
  readonly bots: readonly ExpectedBot[];
  /** True where the run's clock is the slices' own time: a playback. */
  readonly eventTime: boolean;
  /** True where the venue says when it has matched a slice: decisions wait for it. */
  readonly venueReportsSlices: boolean;
}
