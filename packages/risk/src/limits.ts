import { type CashMicros, US_PER_SECOND } from '@capstan/domain';

/** The policies there are, in the order in which they are asked unless told otherwise. */
export const POLICY_NAMES = [
  'kill-switch',
  'breaker',
  'drift',
  'venue-access',
  'clock-offset',
  'decision-age',
  'stale-data',
  'market-hours',
  'session-window',
  'blocked-symbol',
  'halted-symbol',
  'short-sale',
  'long-only',
  'daily-loss',
  'drawdown',
  'order-size',
  'price-collar',
  'duplicate-intent',
  'cooldown',
  'order-rate',
  'trades-per-day',
  'would-cross',
  'positions',
  'position-size',
  'symbol-notional',
  'gross-exposure',
  'net-exposure',
  'settled-cash',
  'capital-reserve',
  'buying-power',
] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** The policies that are asked in any case, first of all where a list leaves them out: no limits do without them. */
export const STANDING_POLICIES = [
  'kill-switch',
  'breaker',
  'drift',
  'venue-access',
] as const satisfies readonly PolicyName[];

/** What a decision at the close of a session means: nothing, or an order for the next session's open. */
export const ENTRY_TIMINGS = ['deny', 'nextOpen'] as const;
export type EntryTiming = (typeof ENTRY_TIMINGS)[number];

/**
 * What becomes of opposing orders of two bots: the one that adds is denied, both go to the broker, or, where one slice decides both,
 * they fill each other; what adds against anything else is then denied.
 */
export const CROSSINGS = ['deny', 'allow', 'internal'] as const;
export type Crossing = (typeof CROSSINGS)[number];

/** How what is held is closed before the close: by market orders at once, or in the closing auction. */
export const FLAT_BY = ['market', 'onClose'] as const;
export type FlatBy = (typeof FLAT_BY)[number];

/**
 * Limits that can be set for an account, for a bot, for a symbol and for a bot in a symbol. Each is measured over what it is
 * set for, and all that apply must hold. No limit where absent.
 */
export interface ScopeLimits {
  /** Most exposure in one symbol, all bots in scope added up without netting. */
  readonly maxSymbolNotionalMicros?: CashMicros;
  /** Most exposure of all in scope, added up without netting. */
  readonly maxGrossExposureMicros?: CashMicros;
  /** Most exposure of all in scope, longs against shorts, on either side. */
  readonly maxNetExposureMicros?: CashMicros;
  /** Most of one position of one bot, as a fraction of the account's equity. */
  readonly maxPositionFraction?: number;
  /** Most of one position of one bot. */
  readonly maxPositionNotionalMicros?: CashMicros;
  /** Most of one position of one bot, in shares or contracts. */
  readonly maxPositionUnits?: number;
  /** Most positions at a time: those held, and those that what is out may open. */
  readonly maxPositions?: number;
  /** Most of one order that adds. */
  readonly maxOrderNotionalMicros?: CashMicros;
  /** Most of one order that adds, in shares or contracts. */
  readonly maxOrderUnits?: number;
  /** How far from the market an order may be priced, in basis points. */
  readonly priceCollarBps?: number;
  /** Adding orders of a trade date. */
  readonly maxTradesPerDay?: number;
  /** Orders of any minute. */
  readonly maxOrdersPerMinute?: number;
  /** After a bot's trade in a symbol it adds nothing there for so long. */
  readonly cooldownUs?: number;
  /** The same order of a bot is not given twice within so long. */
  readonly duplicateWindowUs?: number;
  readonly longOnly?: boolean;
  /** Symbols in which nothing is added. */
  readonly blockedSymbols?: readonly string[];
  /** Symbols whose trading is halted. */
  readonly haltedSymbols?: readonly string[];
  /** Symbols that may be sold short only above the market. */
  readonly shortRestrictedSymbols?: readonly string[];
  /** Time of day at the exchange from which on something may be added, `HH:MM`. */
  readonly sessionStart?: string;
  /** Time of day at the exchange from which on nothing is added any more. */
  readonly sessionEnd?: string;
  /** Time of day at the exchange from which on nothing is added and everything is closed. */
  readonly killTime?: string;
  /** Minutes before the session's close from which on nothing is added and everything is closed. */
  readonly flatBeforeCloseMinutes?: number;
  /** Age of a symbol's last price beyond which nothing is added in it. */
  readonly maxDataAgeUs?: number;
  /**
   * Fall from its peak that stops adding, of the account's equity or of the profit of a part, as a fraction of the account's peak
   * equity; above 0, at most 1.
   */
  readonly maxDrawdownFraction?: number;
  /** Loss of a session that stops adding, as a fraction of the account's equity at its start; above 0, at most 1. */
  readonly maxDailyLossFraction?: number;
  /** Loss of a session that stops adding; above 0. */
  readonly maxDailyLossMicros?: CashMicros;
  /** Loss of a session in any one symbol that stops adding in it; above 0. */
  readonly maxSymbolDailyLossMicros?: CashMicros;
}

/** What limits are set for: everything where neither is named. */
export interface Scope {
  readonly botId?: string;
  readonly symbol?: string;
}

/** Limits of a part of an account. */
export interface ScopedLimits extends ScopeLimits, Scope {}

/** The limits of an account. */
export interface RiskLimits extends ScopeLimits {
  /** Asked in this order; the first refusal counts. A policy that is not listed does not apply; what is read lists {@link STANDING_POLICIES}. */
  readonly policies: readonly PolicyName[];
  /** Kept free of each open order's notional for fees and for the price moving before it fills, in basis points. */
  readonly bufferBps: number;
  readonly entryTiming: EntryTiming;
  /** A decision older than this adds no exposure, and its order must not be sent any more. Microseconds. */
  readonly maxDecisionAgeUs: number;
  /** True where the account's loss of a session that stops adding also closes all that is held. */
  readonly closeOnDailyLoss?: boolean;
  /** How `flatBeforeCloseMinutes` closes; `market` unless given. */
  readonly flatBy?: FlatBy;
  /** True where purchases are paid from settled cash alone. */
  readonly settledCashOnly?: boolean;
  /** Equity that is never put at risk; below it nothing is added. */
  readonly capitalReserveMicros?: CashMicros;
  /** Difference of our clock from the market's beyond which nothing is added; {@link CLOCK_OFFSET_MAX_US} unless given. */
  readonly maxClockOffsetUs?: number;
  /** True where nothing is added while it is not known whether the breaker is open. */
  readonly requireBreaker?: boolean;
  /** `deny` unless given. */
  readonly crossing?: Crossing;
  /** True where what exceeds a cap is made smaller instead of denied. */
  readonly resize?: boolean;
  /** The calendar by whose dates days are counted; `XNYS` unless given. */
  readonly calendar?: string;
  /** Further limits of bots and symbols. */
  readonly scopes?: readonly ScopedLimits[];
}

/** Limits that ask every policy and cap nothing but buying power. */
export const DEFAULT_LIMITS: RiskLimits = {
  policies: POLICY_NAMES,
  bufferBps: 50,
  entryTiming: 'deny',
  maxDecisionAgeUs: 60 * US_PER_SECOND,
};

/** Our clock's difference from the market's that is worth a warning. */
export const CLOCK_OFFSET_WARN_US = 2 * US_PER_SECOND;
/** The difference beyond which nothing is added unless the limits say otherwise. */
export const CLOCK_OFFSET_MAX_US = 10 * US_PER_SECOND;

/** So shortly before a close nothing new is sent to its auction: what is not on its way there is closed at the market. */
export const MARKET_BEFORE_CLOSE_MINUTES = 2;

/** Parts of a whole that basis points count. */
export const BPS_PARTS = 10_000;

/** The calendar by whose dates an account's days are counted. */
export function dayCalendar(limits: Pick<RiskLimits, 'calendar'>): string {
  return limits.calendar ?? 'XNYS';
}
