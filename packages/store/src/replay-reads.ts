import type { ReplayQuery, ReplayRecord } from '@capstan/ports';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import { REPLAYS } from './tables.ts';

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
