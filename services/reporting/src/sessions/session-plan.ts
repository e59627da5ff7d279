import type { Calendar, SessionTimes } from '@capstan/calendar';
import type { BotSchedule, InstrumentBook } from '@capstan/domain';
import { type ClosingRule, closingRules, readLimits } from '@capstan/risk';

/** A part of an account that is to hold nothing when a session ends. */
export interface FlatAtClose {
  readonly accountId: string;
  readonly botId?: string;
  readonly symbol?: string;
}

/** What of an account is closed at a time of its day. */
export interface AccountClosing extends ClosingRule {
  readonly accountId: string;
}

/** The days of one market, as an installation lives them. */
export interface SessionPlan {
  readonly calendar: Calendar;
  /** Feeds of the market, sorted. */
  readonly feeds: readonly string[];
  /** True where its time is that of its feeds' slices: all are played. */
  readonly eventTime: boolean;
  /** Accounts that trade on it, sorted. */
  readonly accounts: readonly string[];
  /** What is traded on it. */
  readonly symbols: ReadonlySet<string>;
  readonly times: SessionTimes;
  readonly closings: readonly AccountClosing[];
  readonly flat: readonly FlatAtClose[];
}

/** What of a configuration days are planned from. */
export interface PlannedWorld {
  readonly feeds: readonly {
    readonly feed: string;
    readonly symbols: readonly string[];
    /** True for one that follows the clock on the wall. */
    readonly live?: boolean;
  }[];
  readonly accounts: readonly {
    readonly accountId: string;
    /** As a person wrote them. */
    readonly limits: Readonly<Record<string, unknown>>;
  }[];
  readonly bots: readonly {
    readonly botId: string;
    readonly accountId: string;
    readonly feed: string;
    readonly symbols: readonly string[];
    readonly schedule?: BotSchedule | undefined;
  }[];
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly preMarketMinutes: number;
  readonly endOfDayMinutes: number;
}

/** Plans the days of every market that something is traded on, sorted by its calendar. */
export function sessionPlans(world: PlannedWorld): readonly SessionPlan[] {
  const traded = [...world.feeds, ...world.bots].flatMap(({ symbols }) => symbols);
  const names = new Set(traded.map((symbol) => world.instruments.get(symbol).calendar));
  return [...names].sort().map((name) => planOf(world, name));
}

function planOf(world: PlannedWorld, name: string): SessionPlan {
  const isHere = (symbol: string) => world.instruments.get(symbol).calendar === name;
  const bots = world.bots.filter(({ symbols }) => symbols.some(isHere));
  const feeds = world.feeds.filter(({ symbols }) => symbols.some(isHere));
  const accountIds = [...new Set(bots.map(({ accountId }) => accountId))].sort();
  const accounts = world.accounts.filter(({ accountId }) => accountIds.includes(accountId));
  const closings = accounts.flatMap(({ accountId, limits }) =>
    closingRules(readLimits(limits)).map((rule) => ({ accountId, ...rule })),
  );
  const flatBots = bots.filter(({ schedule }) => {
    return schedule?.atEnd === 'flatten' && schedule.beforeCloseMinutes !== undefined;
  });
  const names = [...new Set([...feeds, ...bots].map(({ feed }) => feed))].sort();
  const live = world.feeds.filter((one) => one.live === true).map(({ feed }) => feed);
  return {
    calendar: world.calendarOf(name),
    feeds: names,
    eventTime: names.length > 0 && !names.some((one) => live.includes(one)),
    accounts: accountIds,
    symbols: new Set([...feeds, ...bots].flatMap(({ symbols }) => symbols).filter(isHere)),
    times: {
      preMarketMinutes: world.preMarketMinutes,
      endOfDayMinutes: world.endOfDayMinutes,
      kills: closings.map(({ rule }) => rule),
    },
    closings,
    flat: [
      ...closings.map(({ accountId, scope }) => ({ accountId, ...scope })),
      ...flatBots.map(({ accountId, botId }) => ({ accountId, botId })),
    ],
  };
}
