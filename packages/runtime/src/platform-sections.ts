import {
  AppError,
  ASSET_CLASSES,
  type CashMicros,
  type Instrument,
  InstrumentBook,
  nearestName,
  parseCash,
  parsePrice,
  quantity,
  readSchedule,
  readSizing,
  SCHEDULE_DAYS,
  SCHEDULE_ENDS,
  type SizingRule,
  TIME_ZONES,
  TIMEFRAMES,
  ZERO_CASH,
} from '@capstan/domain';
import { readLimits, tryLimits } from '@capstan/risk';
import { z } from 'zod';
import { feedSection, symbolsOf } from './feed-sections.ts';
import { retentionSection } from './retention-section.ts';
import { decimal, name } from './schema-fields.ts';
import { natsSection, postgresSection } from './server-sections.ts';

const instrument = z.strictObject({
  symbol: name(),
  assetClass: z.enum(ASSET_CLASSES).default('equity'),
  currency: z.string().length(3).default('USD'),
  tick: decimal().default('0.01'),
  quantityScale: z.int().min(0).max(9).default(0),
  lot: z.int().min(1).default(1),
  multiplier: z.int().min(1).default(1),
  calendar: z.enum(['XNYS', 'XNAS', '24x7']).default('XNYS'),
});

/** Limits as a person writes them; kept as they are, once they can be read. */
const limits = z.record(z.string(), z.unknown()).superRefine((fields, context) => {
  const read = tryLimits(fields);
  if (read.kind === 'limits') return;
  const { why, fix } = read;
  context.addIssue({ code: 'custom', path: [...read.path], message: `${why}; ${fix}` });
});

/** What becomes of a limit order that does not fill. */
const unfilledLimit = z.strictObject({
  action: z.enum(['wait', 'cancel', 'reprice', 'market']).default('wait'),
  /** How long it may wait, and again after each new price, in the run's time. */
  afterSeconds: z.number().min(1).max(604_800).default(60),
  /** How far from the price that was approved, in basis points. */
  collarBps: z.int().min(0).max(1_000).default(50),
  /** New prices before it is cancelled. */
  repricesMax: z.int().min(1).max(100).default(3),
});

const account = z.strictObject({
  accountId: name(),
  venue: z.enum(['paper', 'alpaca']).default('paper'),
  /** Where the names of the variables begin that hold the account's keys at its venue; ALPACA unless given. */
  credentials: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,31}$/, 'capitals, digits and _, such as ALPACA')
    .optional(),
  /** `live` is one of two keys to live money; the other is `installation.allowLive`. */
  mode: z.enum(['paper', 'live']).default('paper'),
  currency: z.string().length(3).default('USD'),
  /**
   * What the account opens with: at the paper exchange 100000 unless given. An account at a broker opens with what the broker
   * holds; where it is given, that must be it.
   */
  cash: decimal().optional(),
  limits: limits.default({}),
  /** Failures at the venue in a row with which the account's breaker opens. */
  breakerFailures: z.int().min(1).max(1_000).default(5),
  /**
   * What becomes of trades that somebody else makes on the account: `hold` keeps them out of the books, so that their symbol drifts
   * and is held; `adopt` books them, first against what they close of the house's and the bots', the rest to the house; `ignore`
   * keeps them out of the books and holds nothing for them: they are shown, and the cash that they take is not there to buy by.
   */
  foreign: z.enum(['hold', 'adopt', 'ignore']).default('hold'),
  /** Whether limit orders good for the day, or until cancelled, may fill before and after the session too; at Alpaca only. */
  extendedHours: z.boolean().default(false),
  /** Of its bots that say nothing else. */
  unfilledLimit: unfilledLimit.default({
    action: 'wait',
    afterSeconds: 60,
    collarBps: 50,
    repricesMax: 3,
  }),
});

const throttle = z.strictObject({
  ordersPerSecond: z.number().positive().max(10_000).optional(),
  cancelsPerSecond: z.number().positive().max(10_000).optional(),
  burst: z.int().min(1).max(10_000).default(10),
});

/** How much a bot trades, as a person writes it; read as one {@link SizingRule}. */
export const sizingSchema = z
  .record(z.string(), z.unknown())
  .transform((fields, context): SizingRule => {
    const read = readSizing(fields);
    if (read.kind === 'sizing') return read.sizing;
    context.addIssue({ code: 'custom', path: [read.key], message: read.rule });
    return z.NEVER;
  });

const scheduleBounds = z.strictObject({
  days: z.array(z.enum(SCHEDULE_DAYS)).optional(),
  start: z.string().optional(),
  end: z.string().optional(),
  timeZone: z.enum(TIME_ZONES).optional(),
  afterOpenMinutes: z.number().optional(),
  beforeCloseMinutes: z.number().optional(),
  atEnd: z.enum(SCHEDULE_ENDS).optional(),
});

/** `always` is a bot without a schedule. */
const schedule = z.preprocess(
  (value, context) => {
    if (value === 'always' || value === undefined) return undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    context.addIssue('neither `always` nor a section of days, start, end and so on');
    return z.NEVER;
  },
  scheduleBounds
    .transform((fields, context) => {
      const read = readSchedule(fields);
      if (read.kind === 'schedule') return read.schedule;
      const path = read.key === undefined ? [] : [read.key];
      context.addIssue({ code: 'custom', path, message: read.rule });
      return z.NEVER;
    })
    .optional(),
);

const bot = z.strictObject({
  botId: name(),
  accountId: name(),
  strategy: z.string().min(1),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  symbols: z.array(name()).min(1),
  timeframe: z.enum(TIMEFRAMES).default('1m'),
  feed: name(),
  sizing: sizingSchema.default({ kind: 'equityFraction', fraction: 0.1 }),
  schedule,
  restartOnCrash: z.boolean().default(true),
  onShutdown: z.enum(['flatten', 'cancel', 'leave']).default('leave'),
  /** What becomes of its limit orders that do not fill; as its account says unless given. */
  unfilledLimit: unfilledLimit.optional(),
});

const rate = () => z.number().min(0).max(1).default(0);

const commission = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('perOrder'), feeMicros: z.int().min(0) }),
    z.strictObject({
      kind: z.literal('perUnit'),
      feeMicrosPerUnit: z.int().min(0),
      minimumMicros: z.int().min(0).default(0),
    }),
    z.strictObject({
      kind: z.literal('bps'),
      feeBps: z.number().min(0),
      minimumMicros: z.int().min(0).default(0),
    }),
  ])
  .default({ kind: 'none' });

const slippage = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('bps'), slippageBps: z.number().min(0) }),
    z.strictObject({ kind: z.literal('ticks'), slippageTicks: z.int().min(0) }),
  ])
  .default({ kind: 'none' });

/** The sections that the whole platform shares: one file configures an installation. */
export const platformSections = {
  run: z.strictObject({
    id: name().default('live').describe('`live`, or the name of a playback: part of every id.'),
    dryRun: z
      .boolean()
      .default(false)
      .describe(
        'True does everything but the send: nothing reaches a broker. DRY_RUN says it too.',
      ),
    equitySnapshotFreqSec: z
      .int()
      .min(1)
      .max(86_400)
      .default(60)
      .describe(
        'How often equity is written at the most, in seconds of the run: a playback writes it at ends of slices.',
      ),
    restartBots: z
      .boolean()
      .default(true)
      .describe('False keeps crashed bots down until a person resumes them.'),
  }),
  installation: z.strictObject({
    allowLive: z
      .boolean()
      .default(false)
      .describe('True lets accounts with `mode: live` trade real money: both keys are needed.'),
  }),
  nats: natsSection,
  postgres: postgresSection,
  instruments: z
    .array(instrument)
    .default([])
    .describe('Instruments that are not plain US equities; symbols not listed are US equities.'),
  feeds: z
    .array(feedSection)
    .default([])
    .describe(
      'Where bars come from: a file that is played, a seeded generator, or a vendor, live (`kind: venue`).',
    ),
  accounts: z
    .array(account)
    .default([])
    .describe(
      'Accounts with their limits. One at a broker opens with the cash that it holds there; where `cash` is given, that must be it.',
    ),
  bots: z
    .array(bot)
    .default([])
    .describe(
      'Bots: a strategy with parameters, on symbols, for an account. `sizing` says how much one trades, by its kind: fixedQuantity, fixedNotional, equityFraction, cashFraction, atrRisk or volatilityTarget. `schedule` says when one may open: `always`, or days, start, end, timeZone, afterOpenMinutes, beforeCloseMinutes, atEnd.',
    ),
  venues: z.strictObject({
    paper: throttle
      .default({ burst: 10 })
      .describe(
        'How fast the venue may be asked: `ordersPerSecond`, `cancelsPerSecond` (no limit without them) and `burst`. What reduces goes first.',
      ),
    alpaca: throttle
      .extend({
        requestsPerMinute: z.int().min(20).max(10_000).default(200),
        replaces: z.boolean().default(false),
      })
      .default({ burst: 10, requestsPerMinute: 200, replaces: false })
      .describe(
        "As `paper`, and `requestsPerMinute`: what the account's plan grants of requests of all kinds. Orders go before all else. `replaces: true` gives a working order of which nothing is filled new terms by Alpaca's own replace, instead of a cancel and a new order.",
      ),
  }),
  sessions: z.strictObject({
    preMarketMinutes: z
      .int()
      .min(0)
      .max(1_440)
      .default(30)
      .describe('How long before the open the tasks before it are done, and readiness is checked.'),
    endOfDayMinutes: z
      .int()
      .min(0)
      .max(1_440)
      .default(15)
      .describe('How long after the close the day ends: its results are drawn up, old rows go.'),
  }),
  retention: retentionSection,
  paperExchange: z.strictObject({
    address: z
      .string()
      .default('127.0.0.1:9470')
      .describe('Where the paper exchange answers gRPC.'),
    journal: z
      .string()
      .default('.capstan/paper-exchange/journal.jsonl')
      .describe("The exchange's own memory."),
    latencyMs: z.number().min(0).max(60_000).default(0).describe('How long it takes to answer.'),
    rejectFraction: rate().describe('Share of orders refused.'),
    thinBarFraction: rate().describe('Share of bars so thin that orders fill in part.'),
    maxVolumeFraction: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe("Share of a bar's volume that orders may take; no cap without it."),
    limitFill: z
      .enum(['through', 'touch'])
      .default('through')
      .describe(
        'What has to trade before a limit order fills: one tick beyond its price, or its price.',
      ),
    commission: commission.describe('What a fill costs.'),
    slippage: slippage.describe('How much worse than the bar market and stop orders fill.'),
  }),
} as const;

/** The shared sections of a loaded configuration. */
export type PlatformConfig = {
  readonly [K in keyof typeof platformSections]: z.output<(typeof platformSections)[K]>;
};

export type AccountConfig = PlatformConfig['accounts'][number];
export type BotEntry = PlatformConfig['bots'][number];

/** Returns every instrument of an installation: the listed ones, and a US equity for each other symbol in use. */
export function instrumentsOf(
  config: PlatformConfig,
  furtherSymbols: readonly string[] = [],
): InstrumentBook {
  const listed = new Map(config.instruments.map((one) => [one.symbol, instrumentOf(one)]));
  const used = new Set(furtherSymbols);
  for (const one of config.bots) for (const symbol of one.symbols) used.add(symbol);
  for (const feed of config.feeds) for (const symbol of symbolsOf(feed)) used.add(symbol);
  for (const symbol of used) {
    if (!listed.has(symbol)) listed.set(symbol, instrumentOf(instrument.parse({ symbol })));
  }
  return new InstrumentBook([...listed.values()]);
}

function instrumentOf(entry: z.output<typeof instrument>): Instrument {
  const { symbol, assetClass, currency, quantityScale, multiplier, calendar } = entry;
  return {
    instrumentId: `${calendar.toLowerCase()}-${assetClass}-${symbol.toLowerCase()}`,
    symbol,
    assetClass,
    currency,
    tickNanos: parsePrice(entry.tick),
    quantityScale,
    lot: quantity(entry.lot),
    multiplier,
    calendar,
  };
}

/** What an account at the paper exchange opens with where the configuration does not say. */
export const PAPER_CASH = '100000';

/** Returns what an account's ledger opens with: at a broker nothing, as what the broker holds is booked as its first entry. */
export function openingCash({ venue, cash }: Pick<AccountConfig, 'venue' | 'cash'>): CashMicros {
  return venue === 'paper' ? parseCash(cash ?? PAPER_CASH) : ZERO_CASH;
}

/** Returns what an account at a broker is said to hold when it is opened; `undefined` where nothing is said. */
export function statedCash({ cash }: Pick<AccountConfig, 'cash'>): CashMicros | undefined {
  return cash === undefined ? undefined : parseCash(cash);
}

/**
 * Checks what one section says of another: bots name accounts and feeds that are there, and no name stands twice.
 * @throws CONFIG.INVALID naming the bot and what is known.
 */
export function checkPlatform(config: PlatformConfig): void {
  unique(
    'feeds',
    config.feeds.map((one) => one.feed),
  );
  unique(
    'accounts',
    config.accounts.map((one) => one.accountId),
  );
  unique(
    'bots',
    config.bots.map((one) => one.botId),
  );
  unique(
    'instruments',
    config.instruments.map((one) => one.symbol),
  );
  for (const [index, entry] of config.accounts.entries()) {
    bothKeys(config, entry, index);
    ownHours(entry, index);
  }
  ownKeys(config.accounts);
  const accounts = config.accounts.map((one) => one.accountId);
  const feeds = config.feeds.map((one) => one.feed);
  for (const [index, entry] of config.accounts.entries()) knownScopes(config, entry, index);
  config.bots.forEach((one, index) => {
    known(`bots[${index}].accountId`, one.accountId, accounts, 'accounts');
    known(`bots[${index}].feed`, one.feed, feeds, 'feeds');
  });
}

/** Limits of a bot are those of one of the account's bots. */
function knownScopes({ bots }: PlatformConfig, account: AccountConfig, index: number): void {
  const { accountId, limits: fields } = account;
  const own = bots.filter((one) => one.accountId === accountId).map((one) => one.botId);
  for (const [at, { botId }] of (readLimits(fields).scopes ?? []).entries()) {
    if (botId === undefined) continue;
    known(`accounts[${index}].limits.scopes[${at}].bot`, botId, own, `the bots of ${accountId}`);
  }
}

/** Venues that take real money. */
const LIVE_VENUES: readonly string[] = ['alpaca'];

function bothKeys({ installation }: PlatformConfig, account: AccountConfig, index: number): void {
  const { accountId, mode, venue } = account;
  if (mode !== 'live') return;
  if (!installation.allowLive) {
    throw new AppError({
      code: 'CONFIG.INVALID',
      why: `accounts[${index}].mode of '${accountId}' is live, and installation.allowLive is not true.`,
      fix: 'Live money takes both keys: set installation.allowLive: true as well, or mode: paper.',
    });
  }
  if (LIVE_VENUES.includes(venue)) return;
  throw new AppError({
    code: 'CONFIG.INVALID',
    why: `accounts[${index}] is live at the venue '${venue}', which takes no real money.`,
    fix: 'Set mode: paper for the account.',
  });
}

/** Venues that fill orders before and after the session where they say so. */
const LONG_VENUES: readonly string[] = ['alpaca'];

function ownHours({ accountId, venue, extendedHours }: AccountConfig, index: number): void {
  if (!extendedHours || LONG_VENUES.includes(venue)) return;
  throw new AppError({
    code: 'CONFIG.INVALID',
    why: `accounts[${index}].extendedHours of '${accountId}' is true, and the venue '${venue}' has no extended hours.`,
    fix: `Leave it out, or choose a venue that has them: ${LONG_VENUES.join(', ')}.`,
  });
}

/** One key pair is one account at the broker: two of ours there would each take the other's trades for somebody else's. */
function ownKeys(accounts: readonly AccountConfig[]): void {
  const owners = new Map<string, string>();
  for (const [index, { accountId, venue, credentials }] of accounts.entries()) {
    if (venue === 'paper') continue;
    const keys = credentials ?? venue.toUpperCase();
    const owner = owners.get(keys);
    if (owner !== undefined) {
      throw new AppError({
        code: 'CONFIG.INVALID',
        why: `accounts[${index}] '${accountId}' and '${owner}' have the same keys at ${venue}: those of ${keys}_KEY_ID.`,
        fix: `Set 'credentials: ANOTHER_NAME' for one of them, and ANOTHER_NAME_KEY_ID and ANOTHER_NAME_SECRET_KEY in the environment.`,
      });
    }
    owners.set(keys, accountId);
  }
}

function unique(section: string, names: readonly string[]): void {
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice === undefined) return;
  throw new AppError({
    code: 'CONFIG.INVALID',
    why: `${section}: '${twice}' is listed twice.`,
    fix: 'Give one of them another name.',
  });
}

function known(key: string, value: string, names: readonly string[], section: string): void {
  if (names.includes(value)) return;
  const near = nearestName(value, names);
  const hint = near === undefined ? '' : `Did you mean '${near}'? `;
  throw new AppError({
    code: 'CONFIG.INVALID',
    why: `${key} is '${value}', which is not under ${section}.`,
    fix: names.length === 0 ? `Add it under ${section}.` : `${hint}Known: ${names.join(', ')}.`,
  });
}
