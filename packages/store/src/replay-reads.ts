import type {
  ReplayCheckpointQuery,
  ReplayCheckpointRecord,
  ReplayQuery,
  ReplayRecord,
} from '@capstan/ports';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import { REPLAY_CHECKPOINTS, REPLAYS } from './tables.ts';

/** Returns what replays found, the latest session first, then by account. */
export async function readReplays(
  prisma: PrismaReads,
  { runId, tradeDate, limit }: ReplayQuery,
): Promise<readonly ReplayRecord[]> {
  const rows = await prisma.run('reading replays', ({ replay }) =>
    replay.findMany({
      where: { runId, ...(tradeDate === undefined ? {} : { tradeDate }) },
      orderBy: [{ tradeDate: 'desc' }, { accountId: 'asc' }],
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(REPLAYS, row));
}

/** Returns the checkpoint of the latest session there is one of. */
export async function readReplayCheckpoint(
  prisma: PrismaReads,
  { runId, format, before }: ReplayCheckpointQuery,
): Promise<ReplayCheckpointRecord | undefined> {
  const row = await prisma.run('reading a checkpoint of the replay', ({ replayCheckpoint }) =>
    replayCheckpoint.findFirst({
      where: {
        runId,
        ...(format === undefined ? {} : { format: BigInt(format) }),
        ...(before === undefined ? {} : { tradeDate: { lt: before } }),
      },
      orderBy: { tradeDate: 'desc' },
    }),
  );
  return row === null ? undefined : fromFields(REPLAY_CHECKPOINTS, row);
}
