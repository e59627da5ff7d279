import type { Calendar } from '@capstan/calendar';
import type { CashMicros, InstrumentBook } from '@capstan/domain';
import { type LimitFields, readLimits } from '@capstan/risk';
import type { RiskAccountSettings } from './settings.ts';

/** An account as the configuration has it. Amounts are decimals in the account's currency. */
export interface AccountEntry {
  readonly accountId: string;
  readonly venue: 'paper' | 'alpaca';
  /** What its ledger opens with. */
  readonly cashMicros: CashMicros;
  readonly limits: LimitFields;
}

type FeedKind = 'file' | 'generator' | 'venue';

/** What of the rest of the configuration an account is made of. */
export interface World {
  readonly runId: string;
  readonly feeds: readonly { readonly feed: string; readonly kind: FeedKind }[];
  readonly bots: readonly {
    readonly botId: string;
    readonly accountId: string;
    readonly feed: string;
  }[];
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
}

/** Whether a venue says when it has matched a slice. */
const REPORTS_SLICES: Readonly<Record<AccountEntry['venue'], boolean>> = {
  paper: true,
  alpaca: false,
};

/** Whether a feed is played, so that the run's clock is the slices' own time. */
const IS_PLAYED: Readonly<Record<FeedKind, boolean>> = {
  file: true,
  generator: true,
  venue: false,
};

/** Builds an account's settings. @throws RISK.LIMITS naming the account and the key that cannot be used. */
export function settingsOf(entry: AccountEntry, world: World): RiskAccountSettings {
  const { accountId, venue, cashMicros } = entry;
  const bots = world.bots.filter((bot) => bot.accountId === accountId);
  const feeds = world.feeds.filter((one) => bots.some((bot) => bot.feed === one.feed));
  const live = world.feeds.filter((one) => !IS_PLAYED[one.kind]);
  // Bots of an account that has none yet may come on any feed.
  const eventTime = (feeds.length === 0 ? world.feeds : feeds).every((one) => IS_PLAYED[one.kind]);
  return {
    runId: world.runId,
    accountId,
    cashMicros,
    limits: limitsOf(entry),
    instruments: world.instruments,
    calendarOf: world.calendarOf,
    bots: bots.map(({ botId, feed }) => ({ botId, feed })),
    eventTime,
    liveFeeds: eventTime ? [] : live.map(({ feed }) => feed),
    venueReportsSlices: REPORTS_SLICES[venue],
  };
}

/** Builds an account's limits: what is left out is as in `DEFAULT_LIMITS`. @throws RISK.LIMITS */
export function limitsOf({ accountId, limits }: Pick<AccountEntry, 'accountId' | 'limits'>) {
  return readLimits(limits, `accounts, ${accountId}: limits`);
}
