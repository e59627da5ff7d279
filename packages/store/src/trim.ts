import type { PrismaReads } from './prisma-reads.ts';

/** Removes the oldest snapshots of an account that were taken before a time, at most so many. @returns how many. */
export async function trimSnapshots(
  prisma: PrismaReads,
  accountId: string,
  beforeUs: number,
  limit: number,
): Promise<number> {
  const doing = `removing old snapshots of ${accountId}`;
  const old = await prisma.run(doing, ({ snapshot }) =>
    snapshot.findMany({
      where: { accountId, takenAtUs: { lt: BigInt(beforeUs) } },
      orderBy: [{ takenAtUs: 'asc' }, { snapshotId: 'asc' }],
      select: { snapshotId: true },
      take: limit,
    }),
  );
  if (old.length === 0) return 0;
  const ids = old.map(({ snapshotId }) => snapshotId);
  const { count } = await prisma.run(doing, ({ snapshot }) =>
    snapshot.deleteMany({ where: { snapshotId: { in: ids } } }),
  );
  return count;
}
