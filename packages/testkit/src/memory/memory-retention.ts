import type { Denial, Signal } from '@capstan/domain';
import type {
  AuditRecord,
  BarRecord,
  CommandRecord,
  EquityRecord,
  OldRows,
  ReplayCheckpointRecord,
} from '@capstan/ports';
import type { MemoryTable } from './memory-table.ts';

/** The tables of which old rows may go. */
export interface AgeingTables {
  readonly commands: MemoryTable<CommandRecord>;
  readonly audit: MemoryTable<AuditRecord>;
  readonly equity: MemoryTable<EquityRecord>;
  readonly signals: MemoryTable<Signal>;
  readonly denials: MemoryTable<Denial>;
  readonly bars: MemoryTable<BarRecord>;
  readonly replayCheckpoints: MemoryTable<ReplayCheckpointRecord>;
}

/** What becomes of the rows of a table that are old. */
export type OldUse = <Row>(
  table: MemoryTable<Row>,
  isOld: (row: Row) => boolean,
  timeOf: (row: Row) => number,
) => number;

type OldHistory = Exclude<OldRows, { kind: 'outbox' }>;

/** Hands `use` the table of a kind, and what tells which of its rows may go. */
export function useOld(tables: AgeingTables, rows: OldHistory, use: OldUse): number {
  const { beforeUs } = rows;
  const older = <Row>(
    table: MemoryTable<Row>,
    timeOf: (row: Row) => number,
    isWanted: (row: Row) => boolean,
  ): number => use(table, (row) => isWanted(row) && timeOf(row) < beforeUs, timeOf);
  switch (rows.kind) {
    case 'commands': {
      const isAnswered = ({ state }: CommandRecord) => state !== 'pending';
      return older(tables.commands, (row) => row.createdAtUs, isAnswered);
    }
    case 'audit':
      return older(
        tables.audit,
        (row) => row.atUs,
        () => true,
      );
    case 'equity':
      return older(tables.equity, (row) => row.atUs, thinned(tables.equity, rows.runId));
    case 'signals':
      return older(tables.signals, (row) => row.barEndUs, isOf(rows.runId));
    case 'denials':
      return older(tables.denials, (row) => row.decidedAtUs, isOf(rows.runId));
    case 'bars':
      return older(tables.bars, (row) => row.endUs, isOf(rows.runId));
    case 'replayCheckpoints':
      return use(tables.replayCheckpoints, outlived(tables.replayCheckpoints, rows), writtenAt);
  }
}

const isOf =
  (runId: string) =>
  (row: { readonly runId: string }): boolean =>
    row.runId === runId;

const writtenAt = ({ writtenAtUs }: ReplayCheckpointRecord): number => writtenAtUs;

/** Tells checkpoints of other runs that are old, and those that have a later one which is. */
function outlived(
  table: MemoryTable<ReplayCheckpointRecord>,
  { runId, beforeUs }: { readonly runId: string; readonly beforeUs: number },
): (row: ReplayCheckpointRecord) => boolean {
  const old = table.where((row) => row.writtenAtUs < beforeUs);
  return (row) =>
    (row.runId !== runId && row.writtenAtUs < beforeUs) ||
    old.some((later) => later.runId === row.runId && later.tradeDate > row.tradeDate);
}

/** Tells points that have a later one in their hour, and are not the first of all. */
function thinned(table: MemoryTable<EquityRecord>, runId: string): (row: EquityRecord) => boolean {
  const last = new Map<string, number>();
  const first = new Map<string, number>();
  for (const row of table.where(isOf(runId))) {
    last.set(hourOf(row), Math.max(row.atUs, last.get(hourOf(row)) ?? row.atUs));
    first.set(botOf(row), Math.min(row.atUs, first.get(botOf(row)) ?? row.atUs));
  }
  return (row) =>
    row.runId === runId && last.get(hourOf(row)) !== row.atUs && first.get(botOf(row)) !== row.atUs;
}

const US_PER_HOUR = 3_600_000_000;
const hourOf = ({ accountId, botId, atUs }: EquityRecord): string =>
  JSON.stringify([accountId, botId, Math.floor(atUs / US_PER_HOUR)]);
const botOf = ({ accountId, botId }: EquityRecord): string => JSON.stringify([accountId, botId]);
