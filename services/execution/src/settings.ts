import type { Calendar } from '@capstan/calendar';
import type { InstrumentBook } from '@capstan/domain';
import type { BrokerVenue, Bus, Clock, ForeignRule, Kv, Log, Meter, Store } from '@capstan/ports';
import type { RiskLimits } from '@capstan/risk';
import type { UnfilledRule } from './decide-unfilled.ts';
import type { VenueThrottle } from './throttle.ts';

/** What one account is. */
export interface AccountSettings {
  readonly runId: string;
  readonly accountId: string;
  readonly instruments: InstrumentBook;
  /** By which what flattens the account is approved. */
  readonly limits: RiskLimits;
  /** Failures at the venue in a row with which the breaker opens. */
  readonly breakerFailuresMax: number;
  /** Finds the sessions of an instrument. */
  readonly calendarOf: (name: string) => Calendar;
  /** What becomes of a bot's limit orders that do not fill; without one they wait. */
  readonly unfilledOf?: (botId: string) => UnfilledRule | undefined;
  /** What becomes of fills of orders that are not ours: kept aside unless given. */
  readonly foreign?: ForeignRule;
  /** True where nothing is to reach the venue: everything but the send is done. */
  readonly dryRun?: boolean;
  /** True where the run's clock is the slices' own time: a playback. */
  readonly eventTime: boolean;
}

/** What an account's execution needs of the world. */
export interface AccountPorts {
  readonly venue: BrokerVenue;
  /** Keeps to the venue's limits; shared by all accounts there. Nothing is limited without one. */
  readonly throttle?: VenueThrottle;
  readonly store: Store;
  readonly bus: Bus;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}
