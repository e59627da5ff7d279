import type {
  CashEvent,
  Denial,
  Fill,
  HistoryEntry,
  Intent,
  LedgerEntry,
  Order,
  OrderState,
  Signal,
  SplitEvent,
  TimeUs,
} from '@capstan/domain';
import type {
  AppliedSequence,
  Fence,
  OutboxMessage,
  OwnerRecord,
  StreamPosition,
} from './owner.ts';
import type {
  AuditRecord,
  BarQuery,
  BarRecord,
  BotRecord,
  CheckpointRecord,
  CommandRecord,
  CommandState,
  DriftRecord,
  EquityRecord,
  JobRecord,
  LedgerCashRecord,
  LedgerPositionRecord,
  ReplayCheckpointQuery,
  ReplayCheckpointRecord,
  ReplayQuery,
  ReplayRecord,
  ReservationRecord,
  SnapshotRecord,
  StrayRecord,
  TokenRecord,
} from './records.ts';
import type { Laggard, OldRows } from './retention.ts';

/**
 * All that one step of an owner changes, written in one transaction that begins by reading the fence row with the owner's own
 * token and aborts without it.
 */
export interface Commit {
  readonly fence: Fence;
  /** New positions of ordered inputs; each must be beyond the stored one of its epoch. */
  readonly positions?: readonly StreamPosition[];
  readonly applied?: readonly AppliedSequence[];
  /** Continues the producer's sequence without a gap. */
  readonly outbox?: readonly OutboxMessage[];
  /** Marks outbox messages up to this sequence as published. */
  readonly publishedThrough?: number;
  /** Replaces the owner's own small state. */
  readonly state?: Uint8Array;
  /** Inserted: a second bar of the same run, feed, symbol, timeframe, end and revision is a conflict. */
  readonly bars?: readonly BarRecord[];
  /** Inserted. */
  readonly signals?: readonly Signal[];
  /** Inserted. */
  readonly intents?: readonly Intent[];
  /** Inserted. */
  readonly denials?: readonly Denial[];
  /** Inserted at version 1, else replaced where the version is the stored one + 1 or more. */
  readonly orders?: readonly Order[];
  /** Inserted. */
  readonly fills?: readonly Fill[];
  /** Inserted. */
  readonly cashEvents?: readonly CashEvent[];
  /** Inserted. */
  readonly splits?: readonly SplitEvent[];
  /** Inserted. */
  readonly strays?: readonly StrayRecord[];
  /** Written over. */
  readonly reservations?: readonly ReservationRecord[];
  /** Written over. */
  readonly ledgerPositions?: readonly LedgerPositionRecord[];
  /** Written over. */
  readonly ledgerCash?: readonly LedgerCashRecord[];
  /** Written over. */
  readonly bots?: readonly BotRecord[];
  /** Written over: one a bot. */
  readonly checkpoints?: readonly CheckpointRecord[];
  /** Written over by (run, account, bot, time). */
  readonly equity?: readonly EquityRecord[];
  /** Inserted. */
  readonly snapshots?: readonly SnapshotRecord[];
  /** Written over. */
  readonly drifts?: readonly DriftRecord[];
  /** Written over by (run, session, account). */
  readonly replays?: readonly ReplayRecord[];
  /** Written over by (run, session). */
  readonly replayCheckpoints?: readonly ReplayCheckpointRecord[];
  /** Answers to commands of this key; each must be pending. */
  readonly commands?: readonly {
    readonly commandId: string;
    readonly state: CommandState;
    readonly result: string;
  }[];
  /** Inserted. */
  readonly audit?: readonly AuditRecord[];
}

export interface OrderQuery {
  readonly runId?: string;
  readonly accountId?: string;
  readonly botId?: string;
  readonly states?: readonly OrderState[];
  /** At most so many, the latest decided first. */
  readonly limit: number;
}

export interface HistoryQuery {
  readonly runId?: string;
  readonly accountId?: string;
  readonly botId?: string;
  /** Only what was decided or happened after this. */
  readonly afterUs?: TimeUs;
  /** Only what was decided or happened by then. */
  readonly throughUs?: TimeUs;
  /** At most so many, the latest first. */
  readonly limit: number;
}

export interface FillQuery extends HistoryQuery {
  readonly orderId?: string;
}

/** The journal: named atomic operations, never an open transaction. All reject with STORE.UNAVAILABLE when it is down. */
export interface Store {
  /**
   * Takes the fence row of a key for the caller's token and returns what the key's last owner left.
   * @throws STORE.FENCED when a greater token has it.
   */
  takeOwnership(fence: Fence): Promise<OwnerRecord>;
  /**
   * Writes one step of an owner, all or nothing.
   * @throws STORE.FENCED when the token is no longer the greatest; STORE.CONFLICT when a row that must be new exists, a
   * sequence has a gap or a position goes back: both mean that nothing was written.
   */
  commit(commit: Commit): Promise<void>;
  /** Returns outbox messages of a producer after a sequence, in order. */
  outbox(producer: string, afterSequence: number, limit: number): Promise<readonly OutboxMessage[]>;
  /**
   * Returns outbox messages of all producers whose subject matches one of the filters (`*`, `>`), and whose sequence is beyond
   * the applied one of that producer and subject (all of them where there is none), in the order they were committed: what a
   * receiver reads when the transport lost its stream.
   */
  outboxBeyond(
    filters: readonly string[],
    applied: readonly AppliedSequence[],
    limit: number,
  ): Promise<readonly OutboxMessage[]>;

  bars(query: BarQuery): Promise<readonly BarRecord[]>;
  bots(filter: { accountId?: string; botId?: string }): Promise<readonly BotRecord[]>;
  checkpoint(botId: string): Promise<CheckpointRecord | undefined>;
  signals(query: HistoryQuery): Promise<readonly Signal[]>;
  intents(query: HistoryQuery): Promise<readonly Intent[]>;
  denials(query: HistoryQuery): Promise<readonly Denial[]>;
  orders(query: OrderQuery): Promise<readonly Order[]>;
  order(orderId: string): Promise<Order | undefined>;
  fills(query: FillQuery): Promise<readonly Fill[]>;
  /** Returns an account's fill events after an account sequence, in that order. */
  fillsAfter(accountId: string, accountSequence: number, limit: number): Promise<readonly Fill[]>;
  /** Returns all that an account's ledger is made of after an account sequence, in that order: fills, cash events and splits. */
  entriesAfter(
    accountId: string,
    accountSequence: number,
    limit: number,
  ): Promise<readonly LedgerEntry[]>;
  /** Returns the fills and splits of one symbol of an account after an account sequence (0 unless given), in that order. */
  symbolEntries(
    accountId: string,
    symbol: string,
    limit: number,
    afterSequence?: number,
  ): Promise<readonly HistoryEntry[]>;
  /** Returns an account's cash events, the latest first. */
  cashEvents(filter: { accountId?: string; limit: number }): Promise<readonly CashEvent[]>;
  /** Tells whether a venue's activity has been booked: as cash events, or as a split. */
  isBooked(accountId: string, activityId: string): Promise<boolean>;
  /** The latest first. */
  strays(filter: { accountId?: string; limit: number }): Promise<readonly StrayRecord[]>;
  /** Returns an account's strays after a sequence of the venue, in that order. */
  straysAfter(accountId: string, sequence: number, limit: number): Promise<readonly StrayRecord[]>;
  /** Returns the account's open reservations. */
  reservations(accountId: string): Promise<readonly ReservationRecord[]>;
  ledger(accountId: string): Promise<{
    readonly positions: readonly LedgerPositionRecord[];
    readonly cash: readonly LedgerCashRecord[];
  }>;
  equity(query: HistoryQuery): Promise<readonly EquityRecord[]>;
  /** The latest session first, then by account. */
  replays(query: ReplayQuery): Promise<readonly ReplayRecord[]>;
  /** Returns the checkpoint of the latest session there is one of. */
  replayCheckpoint(query: ReplayCheckpointQuery): Promise<ReplayCheckpointRecord | undefined>;
  snapshots(accountId: string, limit: number): Promise<readonly SnapshotRecord[]>;
  /** Removes an account's oldest snapshots of before a time, at most so many. @returns how many were removed. */
  trimSnapshots(accountId: string, beforeUs: TimeUs, limit: number): Promise<number>;
  drifts(filter: {
    accountId?: string;
    openOnly: boolean;
    limit: number;
  }): Promise<readonly DriftRecord[]>;

  /**
   * Removes old rows, at most so many, in a transaction that begins by reading the fence row.
   * @returns how many; fewer than `limit` where no more are left. @throws STORE.FENCED
   */
  prune(fence: Fence, rows: OldRows, limit: number): Promise<number>;
  /** Returns how many rows {@link prune} would remove in all. */
  prunable(rows: OldRows): Promise<number>;
  /** Returns who keeps outbox messages of before a time from being removed, by key. */
  laggards(beforeUs: TimeUs): Promise<readonly Laggard[]>;

  /** Writes a pending command; a second one of the same id is ignored. */
  addCommand(command: CommandRecord): Promise<void>;
  command(commandId: string): Promise<CommandRecord | undefined>;
  pendingCommands(key: string): Promise<readonly CommandRecord[]>;

  addAudit(record: AuditRecord): Promise<void>;
  audit(limit: number): Promise<readonly AuditRecord[]>;

  addToken(token: TokenRecord): Promise<void>;
  token(tokenHash: string): Promise<TokenRecord | undefined>;

  addJob(job: JobRecord): Promise<void>;
  job(jobId: string): Promise<JobRecord | undefined>;
  jobs(limit: number): Promise<readonly JobRecord[]>;
  startJob(jobId: string, atUs: TimeUs): Promise<void>;
  /**
   * Stores a job's result once.
   * @throws STORE.CONFLICT when it has one of another digest.
   */
  finishJob(jobId: string, outcome: JobOutcome, atUs: TimeUs): Promise<void>;
}

export type JobOutcome =
  | { readonly kind: 'done'; readonly result: string; readonly digest: string }
  | { readonly kind: 'failed'; readonly error: string };
