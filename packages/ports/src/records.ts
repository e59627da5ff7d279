import type {
  Bar,
  BotSchedule,
  BotState,
  CashMicros,
  OrderSide,
  PriceNanos,
  Quantity,
  SizingRule,
  Timeframe,
  TimeUs,
} from '@capstan/domain';

export type { SizingRule } from '@capstan/domain';

export type ParameterValue = number | string | boolean;

export const SHUTDOWN_RULES = ['flatten', 'cancel', 'leave'] as const;
export type ShutdownRule = (typeof SHUTDOWN_RULES)[number];

/** A bot: a strategy with parameters, on symbols, for an account. Owned by `bot/<id>`. */
export interface BotRecord {
  readonly botId: string;
  readonly accountId: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  /** Sorted. */
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  readonly feed: string;
  readonly sizing: SizingRule;
  /** When it may open; always unless given. */
  readonly schedule?: BotSchedule;
  /** Rises with each change of the above. */
  readonly configRevision: number;
  readonly restartOnCrash: boolean;
  readonly onShutdown: ShutdownRule;
  readonly state: BotState;
  /** The error of a crashed bot, in words. */
  readonly error?: string;
  readonly restarts: number;
  /** End of the last slice that it stepped. */
  readonly lastSliceEndUs?: TimeUs;
  readonly updatedAtUs: TimeUs;
}

/** Kernel and strategy state of a bot as of a position of its input. */
export interface CheckpointRecord {
  readonly botId: string;
  readonly runId: string;
  readonly configRevision: number;
  /** The epoch of the indicator values: instrument, timeframe, feed, anchor bar. */
  readonly kernelEpoch: string;
  readonly sliceEndUs: TimeUs;
  readonly streamEpochUs: TimeUs;
  readonly streamSequence: number;
  readonly data: Uint8Array;
}

/** A bar as the feed published it. */
export interface BarRecord extends Bar {
  readonly runId: string;
  readonly feed: string;
  readonly venue: string;
}

/** Exposure promised to an order and not yet filled. `openQuantity` 0 closes it. */
export interface ReservationRecord {
  readonly orderId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly openQuantity: Quantity;
  readonly priceNanos: PriceNanos;
  readonly reducing: boolean;
}

/** A bot's position in the ledger. */
export interface LedgerPositionRecord {
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  /** Signed. */
  readonly quantity: Quantity;
  /** Total cost of the open quantity, signed like it. */
  readonly costMicros: CashMicros;
  readonly realisedMicros: CashMicros;
  readonly feesMicros: CashMicros;
}

/** A bot's cash in the ledger; the account's own cash is that of the bot `house`. */
export interface LedgerCashRecord {
  readonly accountId: string;
  readonly botId: string;
  readonly cashMicros: CashMicros;
  /** The account sequence that the row includes; absent in what an older version wrote. */
  readonly throughSequence?: number;
}

/** Equity of a bot (or of the whole account: `botId` is `*`) at the end of a slice. */
export interface EquityRecord {
  readonly runId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly atUs: TimeUs;
  readonly cashMicros: CashMicros;
  readonly marketValueMicros: CashMicros;
  readonly realisedMicros: CashMicros;
  readonly unrealisedMicros: CashMicros;
  readonly feesMicros: CashMicros;
}

export const FOREIGN_RULES = ['hold', 'adopt', 'ignore'] as const;
/** What becomes of trades that somebody else makes on an account; `packages/runtime` says what each means. */
export type ForeignRule = (typeof FOREIGN_RULES)[number];

/** What of an account is none of ours, as a snapshot found it. */
export interface ForeignHoldings {
  readonly rule: ForeignRule;
  /** Orders that work at the venue. */
  readonly orders: readonly {
    readonly orderId: string;
    readonly symbol: string;
    readonly side?: OrderSide;
    readonly filledQuantity: Quantity;
  }[];
  /** Held beyond what the ledgers have, signed, by symbol. */
  readonly positions: readonly { readonly symbol: string; readonly quantity: Quantity }[];
  /** Cash beyond that of the ledgers, signed. */
  readonly cashMicros: CashMicros;
}

/** The broker's truth as position-sync saw it. */
export interface SnapshotRecord {
  readonly snapshotId: string;
  readonly accountId: string;
  readonly takenAtUs: TimeUs;
  readonly venueSequence: number;
  readonly cashMicros: CashMicros;
  readonly positions: readonly {
    readonly symbol: string;
    readonly quantity: Quantity;
    readonly costMicros: CashMicros;
  }[];
  /** Absent where it was not known, and in what an older version wrote. */
  readonly foreign?: ForeignHoldings;
}

/** A word of a venue that fits no order of ours, or makes no sense of it: kept as it came. */
export interface StrayRecord {
  readonly accountId: string;
  /** Of the venue's event. */
  readonly sequence: number;
  readonly orderId: string;
  /** Of the venue's event. */
  readonly kind: string;
  /** In words: why it was set aside. */
  readonly why: string;
  /** True where the order is none of ours: somebody else trades on the account. */
  readonly isForeign: boolean;
  readonly eventAtUs: TimeUs;
  /** Of a fill, a bust or a correction. */
  readonly executionId?: string;
  readonly quantity?: Quantity;
  readonly priceNanos?: PriceNanos;
  readonly feeMicros?: CashMicros;
  /** Of somebody else's trade, where the venue says it. */
  readonly symbol?: string;
  readonly side?: OrderSide;
}

/** A difference between ledger and broker. */
export interface DriftRecord {
  readonly driftId: string;
  readonly accountId: string;
  /** A symbol, or `$cash`. */
  readonly symbol: string;
  readonly ledger: number;
  readonly broker: number;
  readonly openedAtUs: TimeUs;
  readonly healedAtUs?: TimeUs;
}

/** What the replay after a session found of an account. */
export interface ReplayRecord {
  readonly runId: string;
  readonly accountId: string;
  /** YYYY-MM-DD in the exchange's time zone. */
  readonly tradeDate: string;
  readonly differences: number;
  /** Those of which nobody knows why. */
  readonly unexplained: number;
  /** JSON of what was compared of each bot and in what it differed. */
  readonly report: string;
  readonly replayedAtUs: TimeUs;
}

/** Where the replay of a run goes on after a restart: all that it was after a session. */
export interface ReplayCheckpointRecord {
  readonly runId: string;
  /** The session after which it was written, YYYY-MM-DD. */
  readonly tradeDate: string;
  /** Of the state: who does not know it does not read it. */
  readonly format: number;
  /** JSON. */
  readonly state: string;
  /** By the clock of who wrote it. */
  readonly writtenAtUs: TimeUs;
}

export interface ReplayCheckpointQuery {
  readonly runId: string;
  /** Any unless given. */
  readonly format?: number;
  /** Only one of an earlier session than this. */
  readonly before?: string;
}

export interface ReplayQuery {
  readonly runId: string;
  /** All sessions unless given. */
  readonly tradeDate?: string;
  /** At most so many. */
  readonly limit: number;
}

export const COMMAND_STATES = ['pending', 'done', 'refused'] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** A request to change state, written through any replica, applied by the key's owner. */
export interface CommandRecord {
  readonly commandId: string;
  /** The owner's key. */
  readonly key: string;
  /** Imperative, such as `PauseBot`. */
  readonly kind: string;
  /** JSON of the command's own fields. */
  readonly payload: string;
  /** Who asked, for the audit. */
  readonly actor: string;
  readonly createdAtUs: TimeUs;
  readonly state: CommandState;
  /** In words, once it is done or refused. */
  readonly result?: string;
}

/** Who did what, for ever. */
export interface AuditRecord {
  readonly auditId: string;
  readonly atUs: TimeUs;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: string;
}

export const ROLES = ['viewer', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** A bearer token, stored as the SHA-256 of its text. */
export interface TokenRecord {
  readonly tokenHash: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAtUs: TimeUs;
}

export const JOB_STATES = ['queued', 'running', 'done', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A backtest job. `spec` and `result` are JSON. */
export interface JobRecord {
  readonly jobId: string;
  readonly spec: string;
  readonly state: JobState;
  readonly result?: string;
  /** Digest of the result: a second result of the same job with another digest is a bug. */
  readonly digest?: string;
  readonly error?: string;
  readonly createdAtUs: TimeUs;
  readonly updatedAtUs: TimeUs;
}

/** What a bot's run is made of for the timeframe given. */
export interface BarQuery {
  readonly runId: string;
  readonly feed: string;
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  /** Bars that end after this. */
  readonly afterUs: TimeUs;
  /** Bars that end at or before this. */
  readonly throughUs: TimeUs;
  /** At most so many, the latest; sorted by end, then symbol, then revision. */
  readonly limit: number;
  /**
   * Which publications of a bar: `first`, those that decisions were taken on, unless told; `latest`, what is known of each bar
   * now; `all`.
   */
  readonly revisions?: BarRevisions;
}

export type BarRevisions = 'first' | 'latest' | 'all';
