import type {
  BotRecord,
  CheckpointRecord,
  DriftRecord,
  LedgerCashRecord,
  LedgerPositionRecord,
  ReservationRecord,
  SnapshotRecord,
  StrayRecord,
} from '@capstan/ports';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import {
  BOTS,
  CHECKPOINTS,
  DRIFTS,
  LEDGER_CASH,
  LEDGER_POSITIONS,
  RESERVATIONS,
  SNAPSHOTS,
  STRAYS,
} from './tables.ts';

/** Returns bots, sorted by name. */
export async function readBots(
  prisma: PrismaReads,
  filter: { accountId?: string; botId?: string },
): Promise<readonly BotRecord[]> {
  const rows = await prisma.run('reading bots', ({ bot }) =>
    bot.findMany({ where: filter, orderBy: { botId: 'asc' } }),
  );
  return rows.map((row) => fromFields(BOTS, row));
}

export async function readCheckpoint(
  prisma: PrismaReads,
  botId: string,
): Promise<CheckpointRecord | undefined> {
  const row = await prisma.run(`reading the checkpoint of ${botId}`, ({ checkpoint }) =>
    checkpoint.findUnique({ where: { botId } }),
  );
  return row === null ? undefined : fromFields(CHECKPOINTS, row);
}

/** Returns the account's open reservations, sorted by order. */
export async function readReservations(
  prisma: PrismaReads,
  accountId: string,
): Promise<readonly ReservationRecord[]> {
  const rows = await prisma.run(`reading reservations of ${accountId}`, ({ reservation }) =>
    reservation.findMany({
      where: { accountId, openQuantity: { gt: 0n } },
      orderBy: { orderId: 'asc' },
    }),
  );
  return rows.map((row) => fromFields(RESERVATIONS, row));
}

/** Returns the account's ledger as of one time, sorted by bot and symbol. */
export async function readLedger(
  prisma: PrismaReads,
  accountId: string,
): Promise<{
  readonly positions: readonly LedgerPositionRecord[];
  readonly cash: readonly LedgerCashRecord[];
}> {
  const [positions, cash] = await prisma.run(`reading the ledger of ${accountId}`, (client) =>
    client.$transaction(
      [
        client.ledgerPosition.findMany({
          where: { accountId },
          orderBy: [{ botId: 'asc' }, { symbol: 'asc' }],
        }),
        client.ledgerCash.findMany({ where: { accountId }, orderBy: { botId: 'asc' } }),
      ],
      { isolationLevel: 'RepeatableRead' },
    ),
  );
  return {
    positions: positions.map((row) => fromFields(LEDGER_POSITIONS, row)),
    cash: cash.map((row) => fromFields(LEDGER_CASH, row)),
  };
}

/** Returns the account's snapshots, the latest first. */
export async function readSnapshots(
  prisma: PrismaReads,
  accountId: string,
  limit: number,
): Promise<readonly SnapshotRecord[]> {
  const rows = await prisma.run(`reading snapshots of ${accountId}`, ({ snapshot }) =>
    snapshot.findMany({
      where: { accountId },
      orderBy: [{ takenAtUs: 'desc' }, { snapshotId: 'asc' }],
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(SNAPSHOTS, row));
}

/** Returns drifts, the latest opened first. */
export async function readDrifts(
  prisma: PrismaReads,
  filter: { accountId?: string; openOnly: boolean; limit: number },
): Promise<readonly DriftRecord[]> {
  const { accountId, openOnly, limit } = filter;
  const rows = await prisma.run('reading drifts', ({ drift }) =>
    drift.findMany({
      where: {
        ...(accountId === undefined ? {} : { accountId }),
        ...(openOnly ? { healedAtUs: null } : {}),
      },
      orderBy: [{ openedAtUs: 'desc' }, { driftId: 'asc' }],
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(DRIFTS, row));
}

/** Returns words of venues that fit no order of ours, the latest first. */
export async function readStrays(
  prisma: PrismaReads,
  filter: { accountId?: string; limit: number },
): Promise<readonly StrayRecord[]> {
  const { accountId, limit } = filter;
  const rows = await prisma.run('reading strays', ({ stray }) =>
    stray.findMany({
      where: accountId === undefined ? {} : { accountId },
      orderBy: [{ eventAtUs: 'desc' }, { sequence: 'desc' }, { accountId: 'asc' }],
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(STRAYS, row));
}

/** Returns an account's strays after a sequence of its venue, in that order. */
export async function readStraysAfter(
  prisma: PrismaReads,
  accountId: string,
  sequence: number,
  limit: number,
): Promise<readonly StrayRecord[]> {
  const rows = await prisma.run(`reading strays of ${accountId}`, ({ stray }) =>
    stray.findMany({
      where: { accountId, sequence: { gt: BigInt(sequence) } },
      orderBy: { sequence: 'asc' },
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(STRAYS, row));
}
