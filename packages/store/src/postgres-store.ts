import type { TimeUs } from '@capstan/domain';
import type {
  AppliedSequence,
  AuditRecord,
  BarQuery,
  CommandRecord,
  Commit,
  Fence,
  FillQuery,
  HistoryQuery,
  JobOutcome,
  JobRecord,
  OldRows,
  OrderQuery,
  ReplayCheckpointQuery,
  ReplayQuery,
  Store,
  TokenRecord,
} from '@capstan/ports';
import * as accounts from './account-reads.ts';
import { readBars } from './bar-reads.ts';
import { count } from './column.ts';
import { commitStatements } from './commit-statements.ts';
import * as control from './control.ts';
import type { Database } from './database.ts';
import { Fences } from './fence.ts';
import * as history from './history.ts';
import * as jobs from './jobs.ts';
import * as ledger from './ledger-reads.ts';
import { readOutbox, readOutboxBeyond } from './outbox-reads.ts';
import type { PrismaReads } from './prisma-reads.ts';
import { readReplayCheckpoint, readReplays } from './replay-reads.ts';
import { countOld, pruneStatement, readLaggards } from './retention.ts';
import { trimSnapshots } from './trim.ts';

/** The journal in PostgreSQL. */
export class PostgresStore implements Store {
  readonly #database: Database;
  readonly #prisma: PrismaReads;
  readonly #fences: Fences;

  constructor(database: Database, prisma: PrismaReads) {
    this.#database = database;
    this.#prisma = prisma;
    this.#fences = new Fences(database);
  }

  takeOwnership(fence: Fence) {
    return this.#fences.take(fence);
  }

  async commit(commit: Commit) {
    const statements = [this.#fences.check(commit.fence), ...commitStatements(commit)];
    await this.#database.write(`a step of ${commit.fence.key}`, statements);
  }

  outbox(producer: string, afterSequence: number, limit: number) {
    return readOutbox(this.#database, producer, afterSequence, limit);
  }

  outboxBeyond(filters: readonly string[], applied: readonly AppliedSequence[], limit: number) {
    return readOutboxBeyond(this.#database, filters, applied, limit);
  }

  bars(query: BarQuery) {
    return readBars(this.#database, query);
  }

  bots(filter: { accountId?: string; botId?: string }) {
    return accounts.readBots(this.#prisma, filter);
  }

  checkpoint(botId: string) {
    return accounts.readCheckpoint(this.#prisma, botId);
  }

  signals(query: HistoryQuery) {
    return history.readSignals(this.#prisma, query);
  }

  intents(query: HistoryQuery) {
    return history.readIntents(this.#prisma, query);
  }

  denials(query: HistoryQuery) {
    return history.readDenials(this.#prisma, query);
  }

  orders(query: OrderQuery) {
    return history.readOrders(this.#prisma, query);
  }

  order(orderId: string) {
    return history.readOrder(this.#prisma, orderId);
  }

  fills(query: FillQuery) {
    return history.readFills(this.#prisma, query);
  }

  fillsAfter(accountId: string, accountSequence: number, limit: number) {
    return history.readFillsAfter(this.#prisma, accountId, accountSequence, limit);
  }

  entriesAfter(accountId: string, accountSequence: number, limit: number) {
    return ledger.readEntriesAfter(this.#prisma, accountId, accountSequence, limit);
  }

  symbolEntries(accountId: string, symbol: string, limit: number, afterSequence = 0) {
    const after = { accountId, symbol, afterSequence };
    return ledger.readSymbolEntries(this.#prisma, after, limit);
  }

  cashEvents(filter: { accountId?: string; limit: number }) {
    return ledger.readCashEvents(this.#prisma, filter);
  }

  isBooked(accountId: string, activityId: string) {
    return ledger.readIsBooked(this.#prisma, accountId, activityId);
  }

  reservations(accountId: string) {
    return accounts.readReservations(this.#prisma, accountId);
  }

  ledger(accountId: string) {
    return accounts.readLedger(this.#prisma, accountId);
  }

  equity(query: HistoryQuery) {
    return history.readEquity(this.#prisma, query);
  }

  replays(query: ReplayQuery) {
    return readReplays(this.#prisma, query);
  }

  replayCheckpoint(query: ReplayCheckpointQuery) {
    return readReplayCheckpoint(this.#prisma, query);
  }

  snapshots(accountId: string, limit: number) {
    return accounts.readSnapshots(this.#prisma, accountId, limit);
  }

  trimSnapshots(accountId: string, beforeUs: TimeUs, limit: number) {
    return trimSnapshots(this.#prisma, accountId, beforeUs, limit);
  }

  async prune(fence: Fence, rows: OldRows, limit: number) {
    const statements = [this.#fences.check(fence), pruneStatement(rows, limit)];
    const [, removed] = await this.#database.transact(`removing old ${rows.kind}`, statements);
    return count.decode(removed?.[0]?.n);
  }

  prunable(rows: OldRows) {
    return countOld(this.#database, rows);
  }

  laggards(beforeUs: TimeUs) {
    return readLaggards(this.#database, beforeUs);
  }

  strays(filter: { accountId?: string; limit: number }) {
    return accounts.readStrays(this.#prisma, filter);
  }

  straysAfter(accountId: string, sequence: number, limit: number) {
    return accounts.readStraysAfter(this.#prisma, accountId, sequence, limit);
  }

  drifts(filter: { accountId?: string; openOnly: boolean; limit: number }) {
    return accounts.readDrifts(this.#prisma, filter);
  }

  addCommand(command: CommandRecord) {
    return control.addCommand(this.#prisma, command);
  }

  command(commandId: string) {
    return control.readCommand(this.#prisma, commandId);
  }

  pendingCommands(key: string) {
    return control.readPendingCommands(this.#prisma, key);
  }

  addAudit(record: AuditRecord) {
    return control.addAudit(this.#prisma, record);
  }

  audit(limit: number) {
    return control.readAudit(this.#prisma, limit);
  }

  addToken(token: TokenRecord) {
    return control.addToken(this.#prisma, token);
  }

  token(tokenHash: string) {
    return control.readToken(this.#prisma, tokenHash);
  }

  addJob(job: JobRecord) {
    return jobs.addJob(this.#prisma, job);
  }

  job(jobId: string) {
    return jobs.readJob(this.#prisma, jobId);
  }

  jobs(limit: number) {
    return jobs.readJobs(this.#prisma, limit);
  }

  startJob(jobId: string, atUs: TimeUs) {
    return jobs.startJob(this.#prisma, jobId, atUs);
  }

  finishJob(jobId: string, outcome: JobOutcome, atUs: TimeUs) {
    return jobs.finishJob(this.#prisma, jobId, outcome, atUs);
  }
}
