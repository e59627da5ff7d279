import { CALENDAR_NAMES } from '@capstan/calendar';
import { KIND_RULES, type LimitKind } from './limit-kinds.ts';
import {
  CROSSINGS,
  ENTRY_TIMINGS,
  FLAT_BY,
  POLICY_NAMES,
  type PolicyName,
  type RiskLimits,
  type ScopeLimits,
} from './limits.ts';

/** A limit as a configuration names it. */
export interface LimitKey {
  /** As it is written: `maxPositions`. */
  readonly key: string;
  /** Where it is kept: amounts in micros, times in microseconds. */
  readonly field: Exclude<keyof RiskLimits, 'scopes'>;
  readonly kind: LimitKind;
  /** The policy that asks it; absent where several or none do. */
  readonly policy?: PolicyName;
  /** True where it can also be set for a bot or a symbol. */
  readonly scoped: boolean;
  /** What it says, for people. */
  readonly about: string;
  /** What it may be, where that is one of a few. */
  readonly options?: readonly string[];
}

type Scoped = readonly [keyof ScopeLimits, string, LimitKind, PolicyName, string];

const SCOPED: readonly Scoped[] = [
  [
    'maxDataAgeUs',
    'maxDataAgeSeconds',
    'seconds',
    'stale-data',
    "Age of a symbol's last price beyond which nothing is added in it.",
  ],
  [
    'sessionStart',
    'sessionStart',
    'time',
    'session-window',
    'Time of day at the exchange from which on something may be added.',
  ],
  [
    'sessionEnd',
    'sessionEnd',
    'time',
    'session-window',
    'Time of day at the exchange from which on nothing is added.',
  ],
  [
    'killTime',
    'killTime',
    'time',
    'session-window',
    'Time of day at the exchange from which on nothing is added and everything is closed.',
  ],
  [
    'flatBeforeCloseMinutes',
    'flatBeforeCloseMinutes',
    'minutes',
    'session-window',
    "Minutes before the session's close from which on nothing is added and everything is closed.",
  ],
  [
    'blockedSymbols',
    'blockedSymbols',
    'names',
    'blocked-symbol',
    'Symbols in which nothing is added.',
  ],
  ['haltedSymbols', 'haltedSymbols', 'names', 'halted-symbol', 'Symbols whose trading is halted.'],
  [
    'shortRestrictedSymbols',
    'shortRestrictedSymbols',
    'names',
    'short-sale',
    'Symbols that may be sold short only above the market.',
  ],
  ['longOnly', 'longOnly', 'flag', 'long-only', 'Nothing is sold that is not held.'],
  [
    'maxDailyLossFraction',
    'maxDailyLossFraction',
    'fraction',
    'daily-loss',
    "Loss of a session that stops adding until the next, of the account's first equity.",
  ],
  [
    'maxDailyLossMicros',
    'maxDailyLoss',
    'loss',
    'daily-loss',
    'Loss of a session that stops adding until the next.',
  ],
  [
    'maxSymbolDailyLossMicros',
    'maxSymbolDailyLoss',
    'loss',
    'daily-loss',
    'Loss of a session in any one symbol that stops adding in it.',
  ],
  [
    'maxDrawdownFraction',
    'maxDrawdownFraction',
    'fraction',
    'drawdown',
    "Fall from its peak that stops adding, of the account's peak equity: of equity, or of a bot's or symbol's profit.",
  ],
  [
    'maxOrderNotionalMicros',
    'maxOrderNotional',
    'money',
    'order-size',
    'Most of one order that adds, in money.',
  ],
  [
    'maxOrderUnits',
    'maxOrderUnits',
    'units',
    'order-size',
    'Most of one order that adds, in shares or contracts.',
  ],
  [
    'priceCollarBps',
    'priceCollarBps',
    'bps',
    'price-collar',
    'How far from the market an order may be priced, in basis points.',
  ],
  [
    'duplicateWindowUs',
    'duplicateWindowSeconds',
    'seconds',
    'duplicate-intent',
    'The same order of a bot is not given twice within so long.',
  ],
  [
    'cooldownUs',
    'cooldownSeconds',
    'seconds',
    'cooldown',
    "After a bot's trade in a symbol it adds nothing there for so long.",
  ],
  [
    'maxOrdersPerMinute',
    'maxOrdersPerMinute',
    'count',
    'order-rate',
    'Orders of any minute; those that reduce count and pass.',
  ],
  [
    'maxTradesPerDay',
    'maxTradesPerDay',
    'count',
    'trades-per-day',
    'Adding orders of a trade date.',
  ],
  [
    'maxPositions',
    'maxPositions',
    'count',
    'positions',
    'Most positions at a time, with those that what is out may open.',
  ],
  [
    'maxPositionFraction',
    'maxPositionFraction',
    'multiple',
    'position-size',
    'Most of one position of one bot, of the equity: 0.1 is a tenth.',
  ],
  [
    'maxPositionNotionalMicros',
    'maxPositionNotional',
    'money',
    'position-size',
    'Most of one position of one bot, in money.',
  ],
  [
    'maxPositionUnits',
    'maxPositionUnits',
    'units',
    'position-size',
    'Most of one position of one bot, in shares or contracts.',
  ],
  [
    'maxSymbolNotionalMicros',
    'maxSymbolNotional',
    'money',
    'symbol-notional',
    'Most exposure in one symbol, in money.',
  ],
  [
    'maxGrossExposureMicros',
    'maxGrossExposure',
    'money',
    'gross-exposure',
    'Most exposure of all, in money, without netting.',
  ],
  [
    'maxNetExposureMicros',
    'maxNetExposure',
    'money',
    'net-exposure',
    'Most exposure of all, longs against shorts, in money.',
  ],
];

/** Every limit there is. */
export const LIMIT_KEYS: readonly LimitKey[] = [
  {
    key: 'policies',
    field: 'policies',
    kind: 'names',
    scoped: false,
    options: POLICY_NAMES,
    about:
      'The policies that may refuse, in the order in which they are asked; kill-switch, breaker and drift are in any case.',
  },
  {
    key: 'bufferBps',
    field: 'bufferBps',
    kind: 'bps',
    scoped: false,
    about: "Kept free of each order's notional, in basis points.",
  },
  {
    key: 'entryTiming',
    field: 'entryTiming',
    kind: 'choice',
    scoped: false,
    options: ENTRY_TIMINGS,
    policy: 'market-hours',
    about: "What a decision at a session's close means: nothing, or the next session's open.",
  },
  {
    key: 'maxDecisionAgeSeconds',
    field: 'maxDecisionAgeUs',
    kind: 'seconds',
    scoped: false,
    about: 'A decision older than this adds no exposure.',
  },
  {
    key: 'closeOnDailyLoss',
    field: 'closeOnDailyLoss',
    kind: 'flag',
    scoped: false,
    policy: 'daily-loss',
    about: "The account's daily loss also closes all that is held.",
  },
  {
    key: 'flatBy',
    field: 'flatBy',
    kind: 'choice',
    scoped: false,
    options: FLAT_BY,
    policy: 'session-window',
    about: 'How `flatBeforeCloseMinutes` closes: at the market at once, or in the closing auction.',
  },
  {
    key: 'settledCashOnly',
    field: 'settledCashOnly',
    kind: 'flag',
    scoped: false,
    policy: 'settled-cash',
    about: 'Purchases are paid from settled cash alone.',
  },
  {
    key: 'capitalReserve',
    field: 'capitalReserveMicros',
    kind: 'money',
    scoped: false,
    policy: 'capital-reserve',
    about: 'Equity that is never put at risk, in money; below it nothing is added.',
  },
  {
    key: 'maxClockOffsetSeconds',
    field: 'maxClockOffsetUs',
    kind: 'seconds',
    scoped: false,
    policy: 'clock-offset',
    about: "Difference of our clock from the market's beyond which nothing is added.",
  },
  {
    key: 'requireBreaker',
    field: 'requireBreaker',
    kind: 'flag',
    scoped: false,
    policy: 'breaker',
    about: 'Nothing is added while it is not known whether the breaker is open.',
  },
  {
    key: 'crossing',
    field: 'crossing',
    kind: 'choice',
    scoped: false,
    options: CROSSINGS,
    policy: 'would-cross',
    about:
      'What becomes of opposing orders of two bots: what adds is denied, both go out, or they fill each other.',
  },
  {
    key: 'resize',
    field: 'resize',
    kind: 'flag',
    scoped: false,
    about: 'What exceeds a cap is made smaller instead of denied.',
  },
  {
    key: 'calendar',
    field: 'calendar',
    kind: 'choice',
    scoped: false,
    options: CALENDAR_NAMES,
    about: 'The calendar by whose dates days are counted.',
  },
  ...SCOPED.map(
    ([field, key, kind, policy, about]): LimitKey => ({
      ...{ key, field, kind, policy, about },
      scoped: true,
    }),
  ),
];

/** Says in words what a limit must be. */
export function ruleOf({ kind, options }: LimitKey): string {
  if (options === undefined) return KIND_RULES[kind].rule;
  return kind === 'names'
    ? `made of: ${options.join(', ')}; each once`
    : `one of: ${options.join(', ')}`;
}

/** Tells whether a kept value of a limit can be used. */
export function allows({ kind, options }: LimitKey, kept: unknown): boolean {
  if (!KIND_RULES[kind].allows(kept)) return false;
  if (options === undefined) return true;
  const given: readonly unknown[] = Array.isArray(kept) ? kept : [kept];
  return given.every((one) => options.includes(one as string));
}
