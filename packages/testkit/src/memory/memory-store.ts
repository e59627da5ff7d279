import type {
  CashEvent,
  Denial,
  Fill,
  HistoryEntry,
  Intent,
  LedgerEntry,
  Order,
  Signal,
  SplitEvent,
  TimeUs,
} from '@capstan/domain';
import type {
  AppliedSequence,
  AuditRecord,
  BarQuery,
  BarRecord,
  BotRecord,
  CheckpointRecord,
  CommandRecord,
  Commit,
  DriftRecord,
  EquityRecord,
  Fence,
  FillQuery,
  HistoryQuery,
  JobOutcome,
  JobRecord,
  Laggard,
  LedgerCashRecord,
  LedgerPositionRecord,
  OldRows,
  OrderQuery,
  OutboxMessage,
  OwnerRecord,
  ReplayCheckpointQuery,
  ReplayCheckpointRecord,
  ReplayQuery,
  ReplayRecord,
  ReservationRecord,
  SnapshotRecord,
  Store,
  StrayRecord,
  TokenRecord,
} from '@capstan/ports';
import { revisionsOf } from './bar-revisions.ts';
import { MemoryJobs } from './memory-jobs.ts';
import { MemoryOwners } from './memory-owners.ts';
import { type OldUse, useOld } from './memory-retention.ts';
import { MemoryTable, type Undo } from './memory-table.ts';
import { portErrors } from './port-errors.ts';

/** The journal in memory. What a call does is done when it returns, all or nothing. */
export class MemoryStore implements Store {
  readonly #owners: MemoryOwners;
  readonly #jobs = new MemoryJobs();
  readonly #bars = new MemoryTable<BarRecord>('bar', (row) => [
    row.runId,
    row.feed,
    row.symbol,
    row.timeframe,
    row.endUs,
    row.revision,
  ]);
  readonly #signals = new MemoryTable<Signal>('signal', (row) => [row.signalId]);
  readonly #intents = new MemoryTable<Intent>('intent', (row) => [row.intentId]);
  readonly #denials = new MemoryTable<Denial>('denial', (row) => [row.denialId]);
  readonly #orders = new MemoryTable<Order>('order', (row) => [row.orderId]);
  readonly #fills = new MemoryTable<Fill>('fill', (row) => [row.accountId, row.fillId]);
  readonly #fillSequences = new MemoryTable<Fill>('fill of sequence', (row) => [
    row.accountId,
    row.accountSequence,
  ]);
  readonly #cashEvents = new MemoryTable<CashEvent>('cash event', (row) => [
    row.accountId,
    row.cashEventId,
  ]);
  readonly #splits = new MemoryTable<SplitEvent>('split', (row) => [row.accountId, row.activityId]);
  readonly #otherSequences = new MemoryTable<CashEvent | SplitEvent>(
    'ledger entry of kind and sequence',
    (row) => [row.accountId, row.kind === 'split' ? row.kind : 'cash', row.accountSequence],
  );
  readonly #reservations = new MemoryTable<ReservationRecord>('reservation', (row) => [
    row.orderId,
  ]);
  readonly #positions = new MemoryTable<LedgerPositionRecord>('ledger position', (row) => [
    row.accountId,
    row.botId,
    row.symbol,
  ]);
  readonly #cash = new MemoryTable<LedgerCashRecord>('ledger cash', (row) => [
    row.accountId,
    row.botId,
  ]);
  readonly #bots = new MemoryTable<BotRecord>('bot', (row) => [row.botId]);
  readonly #checkpoints = new MemoryTable<CheckpointRecord>('checkpoint', (row) => [row.botId]);
  readonly #equity = new MemoryTable<EquityRecord>('equity', (row) => [
    row.runId,
    row.accountId,
    row.botId,
    row.atUs,
  ]);
  readonly #replays = new MemoryTable<ReplayRecord>('replay', (row) => [
    row.runId,
    row.tradeDate,
    row.accountId,
  ]);
  readonly #replayCheckpoints = new MemoryTable<ReplayCheckpointRecord>(
    'checkpoint of a replay',
    (row) => [row.runId, row.tradeDate],
  );
  readonly #snapshots = new MemoryTable<SnapshotRecord>('snapshot', (row) => [row.snapshotId]);
  readonly #drifts = new MemoryTable<DriftRecord>('drift', (row) => [row.driftId]);
  readonly #strays = new MemoryTable<StrayRecord>('stray', (row) => [row.accountId, row.sequence]);
  readonly #commands = new MemoryTable<CommandRecord>('command', (row) => [row.commandId]);
  readonly #audit = new MemoryTable<AuditRecord>('audit', (row) => [row.auditId]);
  readonly #tokens = new MemoryTable<TokenRecord>('token', (row) => [row.tokenHash]);

  /** @param nowUs the store's clock, by which messages grow old. */
  constructor(nowUs: () => number = () => 0) {
    this.#owners = new MemoryOwners(nowUs);
  }

  async takeOwnership(fence: Fence): Promise<OwnerRecord> {
    return this.#owners.take(fence);
  }

  async commit(commit: Commit): Promise<void> {
    const undo: Undo = [];
    try {
      this.#owners.write(commit, undo);
      this.#insert(commit, undo);
      this.#writeOver(commit, undo);
    } catch (error) {
      for (const takeBack of undo.reverse()) takeBack();
      throw error;
    }
  }

  #insert(commit: Commit, undo: Undo): void {
    for (const row of commit.bars ?? []) this.#bars.insert(row, undo);
    for (const row of commit.signals ?? []) this.#signals.insert(row, undo);
    for (const row of commit.intents ?? []) this.#intents.insert(row, undo);
    for (const row of commit.denials ?? []) this.#denials.insert(row, undo);
    for (const row of commit.orders ?? []) this.#writeOrder(row, undo);
    for (const row of commit.fills ?? []) {
      this.#fills.insert(row, undo);
      this.#fillSequences.insert(row, undo);
    }
    for (const row of commit.cashEvents ?? []) {
      this.#cashEvents.insert(row, undo);
      this.#otherSequences.insert(row, undo);
    }
    for (const row of commit.splits ?? []) {
      this.#splits.insert(row, undo);
      this.#otherSequences.insert(row, undo);
    }
    for (const row of commit.strays ?? []) this.#strays.insert(row, undo);
    for (const row of commit.snapshots ?? []) this.#snapshots.insert(row, undo);
    for (const row of commit.audit ?? []) this.#audit.insert(row, undo);
    for (const answer of commit.commands ?? []) this.#answer(commit.fence.key, answer, undo);
  }

  #writeOver(commit: Commit, undo: Undo): void {
    for (const row of commit.reservations ?? []) this.#reservations.put(row, undo);
    for (const row of commit.ledgerPositions ?? []) this.#positions.put(row, undo);
    for (const row of commit.ledgerCash ?? []) this.#cash.put(row, undo);
    for (const row of commit.bots ?? []) this.#bots.put(row, undo);
    for (const row of commit.checkpoints ?? []) this.#checkpoints.put(row, undo);
    for (const row of commit.equity ?? []) this.#equity.put(row, undo);
    for (const row of commit.replays ?? []) this.#replays.put(row, undo);
    for (const row of commit.replayCheckpoints ?? []) this.#replayCheckpoints.put(row, undo);
    for (const row of commit.drifts ?? []) this.#drifts.put(row, undo);
  }

  #writeOrder(order: Order, undo: Undo): void {
    if (order.version === 1) {
      this.#orders.insert(order, undo);
      return;
    }
    const stored = this.#orders.get(order.orderId);
    if (stored === undefined || order.version <= stored.version) {
      const at = stored === undefined ? 'not there' : `at version ${stored.version}`;
      throw portErrors.conflict(`order ${order.orderId} is ${at}, not before ${order.version}.`);
    }
    this.#orders.put(order, undo);
  }

  #answer(key: string, answer: NonNullable<Commit['commands']>[number], undo: Undo): void {
    const { commandId, state, result } = answer;
    const command = this.#commands.get(commandId);
    if (command?.key !== key || command.state !== 'pending') {
      throw portErrors.conflict(`command ${commandId} is not pending for ${key}.`);
    }
    this.#commands.put({ ...command, state, result }, undo);
  }

  async outbox(producer: string, afterSequence: number, limit: number): Promise<OutboxMessage[]> {
    return this.#owners.outbox(producer, afterSequence, limit);
  }

  async outboxBeyond(
    filters: readonly string[],
    applied: readonly AppliedSequence[],
    limit: number,
  ): Promise<OutboxMessage[]> {
    return this.#owners.outboxBeyond(filters, applied, limit);
  }

  async bars(query: BarQuery): Promise<BarRecord[]> {
    const { runId, feed, symbols, timeframe, afterUs, throughUs, limit, revisions } = query;
    const found = this.#bars.where(
      (row) =>
        row.runId === runId &&
        row.feed === feed &&
        row.timeframe === timeframe &&
        row.endUs > afterUs &&
        row.endUs <= throughUs &&
        symbols.includes(row.symbol),
    );
    const rows = revisionsOf(found, revisions ?? 'first');
    rows.sort((a, b) => a.endUs - b.endUs || byText(a.symbol, b.symbol) || a.revision - b.revision);
    return rows.slice(Math.max(0, rows.length - limit));
  }

  async bots(filter: { accountId?: string; botId?: string }): Promise<BotRecord[]> {
    return this.#bots.where(isOf(filter)).sort((a, b) => byText(a.botId, b.botId));
  }

  async checkpoint(botId: string): Promise<CheckpointRecord | undefined> {
    return this.#checkpoints.get(botId);
  }

  async signals(query: HistoryQuery): Promise<Signal[]> {
    return history(this.#signals, query, (row) => row.barEndUs);
  }

  async intents(query: HistoryQuery): Promise<Intent[]> {
    return history(this.#intents, query, (row) => row.decidedAtUs);
  }

  async denials(query: HistoryQuery): Promise<Denial[]> {
    return history(this.#denials, query, (row) => row.decidedAtUs);
  }

  async orders(query: OrderQuery): Promise<Order[]> {
    const { states, limit, ...of } = query;
    const wanted = isOf(of);
    return this.#orders.latest(
      (row) => wanted(row) && (states === undefined || states.includes(row.state)),
      (row) => row.decidedAtUs,
      limit,
    );
  }

  async order(orderId: string): Promise<Order | undefined> {
    return this.#orders.get(orderId);
  }

  async fills(query: FillQuery): Promise<Fill[]> {
    const { orderId } = query;
    const isWanted = (row: Fill) => orderId === undefined || row.orderId === orderId;
    return history(this.#fills, query, (row) => row.eventAtUs, isWanted);
  }

  async strays({ accountId, limit }: { accountId?: string; limit: number }) {
    return this.#strays.latest(isOf({ accountId }), (row) => row.eventAtUs, limit);
  }

  async fillsAfter(accountId: string, accountSequence: number, limit: number): Promise<Fill[]> {
    return this.#fills
      .where((row) => row.accountId === accountId && row.accountSequence > accountSequence)
      .sort((a, b) => a.accountSequence - b.accountSequence)
      .slice(0, limit);
  }

  async entriesAfter(
    accountId: string,
    accountSequence: number,
    limit: number,
  ): Promise<LedgerEntry[]> {
    const isWanted = (row: LedgerEntry) =>
      row.accountId === accountId && row.accountSequence > accountSequence;
    return [
      ...this.#fills.where(isWanted),
      ...this.#cashEvents.where(isWanted),
      ...this.#splits.where(isWanted),
    ]
      .sort((a, b) => a.accountSequence - b.accountSequence)
      .slice(0, limit);
  }

  async symbolEntries(
    accountId: string,
    symbol: string,
    limit: number,
    afterSequence = 0,
  ): Promise<HistoryEntry[]> {
    const isOwn = isOf({ accountId });
    const isWanted = (row: HistoryEntry) =>
      isOwn(row) && row.symbol === symbol && row.accountSequence > afterSequence;
    return [...this.#fills.where(isWanted), ...this.#splits.where(isWanted)]
      .sort((a, b) => a.accountSequence - b.accountSequence)
      .slice(0, limit);
  }

  async cashEvents({ accountId, limit }: { accountId?: string; limit: number }) {
    return this.#cashEvents.latest(isOf({ accountId }), (row) => row.eventAtUs, limit);
  }

  async isBooked(accountId: string, activityId: string): Promise<boolean> {
    const isIt = (row: { accountId: string; activityId?: string }) =>
      row.accountId === accountId && row.activityId === activityId;
    return this.#splits.where(isIt).length + this.#cashEvents.where(isIt).length > 0;
  }

  async straysAfter(accountId: string, sequence: number, limit: number): Promise<StrayRecord[]> {
    return this.#strays
      .where((row) => row.accountId === accountId && row.sequence > sequence)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, limit);
  }

  async reservations(accountId: string): Promise<ReservationRecord[]> {
    return this.#reservations.where((row) => row.accountId === accountId && row.openQuantity !== 0);
  }

  async ledger(accountId: string) {
    const wanted = isOf({ accountId });
    return {
      positions: this.#positions
        .where(wanted)
        .sort((a, b) => byText(a.botId, b.botId) || byText(a.symbol, b.symbol)),
      cash: this.#cash.where(wanted).sort((a, b) => byText(a.botId, b.botId)),
    };
  }

  async equity(query: HistoryQuery): Promise<EquityRecord[]> {
    return history(this.#equity, query, (row) => row.atUs);
  }

  async replays({ runId, tradeDate, limit }: ReplayQuery): Promise<ReplayRecord[]> {
    return this.#replays
      .where((row) => row.runId === runId && (tradeDate ?? row.tradeDate) === row.tradeDate)
      .sort((a, b) => byText(b.tradeDate, a.tradeDate) || byText(a.accountId, b.accountId))
      .slice(0, limit);
  }

  async replayCheckpoint({ runId, format, before }: ReplayCheckpointQuery) {
    return this.#replayCheckpoints
      .where((row) => row.runId === runId && (format ?? row.format) === row.format)
      .filter((row) => before === undefined || row.tradeDate < before)
      .sort((a, b) => byText(b.tradeDate, a.tradeDate))[0];
  }

  async snapshots(accountId: string, limit: number): Promise<SnapshotRecord[]> {
    return this.#snapshots.latest(isOf({ accountId }), (row) => row.takenAtUs, limit);
  }

  async trimSnapshots(accountId: string, beforeUs: TimeUs, limit: number): Promise<number> {
    const isOld = (row: SnapshotRecord) => row.accountId === accountId && row.takenAtUs < beforeUs;
    return this.#snapshots.removeOldest(isOld, (row) => row.takenAtUs, limit);
  }

  async drifts(filter: {
    accountId?: string;
    openOnly: boolean;
    limit: number;
  }): Promise<DriftRecord[]> {
    const { accountId, openOnly, limit } = filter;
    return this.#drifts.latest(
      (row) =>
        (accountId === undefined || row.accountId === accountId) &&
        !(openOnly && row.healedAtUs !== undefined),
      (row) => row.openedAtUs,
      limit,
    );
  }

  async prune(fence: Fence, rows: OldRows, limit: number): Promise<number> {
    this.#owners.check(fence);
    if (rows.kind !== 'outbox') {
      return this.#useOld(rows, (table, isOld, timeOf) => table.removeOldest(isOld, timeOf, limit));
    }
    return this.#owners.prune(rows.beforeUs, limit);
  }

  async prunable(rows: OldRows): Promise<number> {
    if (rows.kind !== 'outbox') return this.#useOld(rows, (table, isOld) => table.count(isOld));
    return this.#owners.prunable(rows.beforeUs).length;
  }

  async laggards(beforeUs: TimeUs): Promise<Laggard[]> {
    return this.#owners.laggards(beforeUs);
  }

  #useOld(rows: Exclude<OldRows, { kind: 'outbox' }>, use: OldUse): number {
    const [commands, audit, equity] = [this.#commands, this.#audit, this.#equity];
    const [signals, denials, bars] = [this.#signals, this.#denials, this.#bars];
    const replayCheckpoints = this.#replayCheckpoints;
    const tables = { commands, audit, equity, signals, denials, bars, replayCheckpoints };
    return useOld(tables, rows, use);
  }

  async addCommand(command: CommandRecord): Promise<void> {
    if (this.#commands.get(command.commandId) === undefined) this.#commands.insert(command);
  }

  async command(commandId: string): Promise<CommandRecord | undefined> {
    return this.#commands.get(commandId);
  }

  async pendingCommands(key: string): Promise<CommandRecord[]> {
    return this.#commands
      .where((row) => row.key === key && row.state === 'pending')
      .sort((a, b) => a.createdAtUs - b.createdAtUs);
  }

  async addAudit(record: AuditRecord): Promise<void> {
    this.#audit.insert(record);
  }

  async audit(limit: number): Promise<AuditRecord[]> {
    return this.#audit.latest(
      () => true,
      (row) => row.atUs,
      limit,
    );
  }

  async addToken(token: TokenRecord): Promise<void> {
    this.#tokens.put(token);
  }

  async token(tokenHash: string): Promise<TokenRecord | undefined> {
    return this.#tokens.get(tokenHash);
  }

  async addJob(job: JobRecord): Promise<void> {
    this.#jobs.add(job);
  }

  async job(jobId: string): Promise<JobRecord | undefined> {
    return this.#jobs.get(jobId);
  }

  async jobs(limit: number): Promise<JobRecord[]> {
    return this.#jobs.latest(limit);
  }

  async startJob(jobId: string, atUs: TimeUs): Promise<void> {
    this.#jobs.start(jobId, atUs);
  }

  async finishJob(jobId: string, outcome: JobOutcome, atUs: TimeUs): Promise<void> {
    this.#jobs.finish(jobId, outcome, atUs);
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Whose {
  readonly runId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly botId?: string | undefined;
}

/** Returns what tells whether a row is of the run, account and bot named; what is not named is any. */
function isOf(filter: Whose): (row: Whose) => boolean {
  return (row) =>
    (filter.runId === undefined || row.runId === filter.runId) &&
    (filter.accountId === undefined || row.accountId === filter.accountId) &&
    (filter.botId === undefined || row.botId === filter.botId);
}

function history<Row extends Whose>(
  table: MemoryTable<Row>,
  query: HistoryQuery,
  timeOf: (row: Row) => number,
  isWanted: (row: Row) => boolean = () => true,
): Row[] {
  const wanted = isOf(query);
  const { afterUs = Number.NEGATIVE_INFINITY, throughUs = Number.POSITIVE_INFINITY, limit } = query;
  const isWithin = (us: number) => us > afterUs && us <= throughUs;
  return table.latest(
    (row) => wanted(row) && isWanted(row) && isWithin(timeOf(row)),
    timeOf,
    limit,
  );
}
