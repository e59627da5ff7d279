import type { CashEvent, HistoryEntry, LedgerEntry } from '@capstan/domain';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import { CASH_EVENTS, FILLS, SPLITS } from './tables.ts';

/** Returns what an account's ledger is made of after an account sequence, in that order. */
export async function readEntriesAfter(
  prisma: PrismaReads,
  accountId: string,
  accountSequence: number,
  limit: number,
): Promise<readonly LedgerEntry[]> {
  const where = { accountId, accountSequence: { gt: BigInt(accountSequence) } };
  const page = { where, orderBy: { accountSequence: 'asc' as const }, take: limit };
  const what = `reading the ledger's entries of ${accountId}`;
  const [fills, cash, splits] = await prisma.run(what, (client) =>
    client.$transaction(
      [client.fill.findMany(page), client.cashEvent.findMany(page), client.split.findMany(page)],
      { isolationLevel: 'RepeatableRead' },
    ),
  );
  const entries: LedgerEntry[] = [
    ...fills.map((row) => fromFields(FILLS, row)),
    ...cash.map((row) => fromFields(CASH_EVENTS, row)),
    ...splits.map((row) => fromFields(SPLITS, row)),
  ];
  return inSequence(entries).slice(0, limit);
}

/** Which entries of a symbol are read. */
interface SymbolEntries {
  readonly accountId: string;
  readonly symbol: string;
  readonly afterSequence: number;
}

/** Returns the fills and splits of one symbol after an account sequence, in that order. */
export async function readSymbolEntries(
  prisma: PrismaReads,
  { accountId, symbol, afterSequence }: SymbolEntries,
  limit: number,
): Promise<readonly HistoryEntry[]> {
  const page = {
    where: { accountId, symbol, accountSequence: { gt: BigInt(afterSequence) } },
    orderBy: { accountSequence: 'asc' as const },
    take: limit,
  };
  const [fills, splits] = await prisma.run(`reading fills of ${symbol}`, (client) =>
    client.$transaction([client.fill.findMany(page), client.split.findMany(page)], {
      isolationLevel: 'RepeatableRead',
    }),
  );
  const entries: HistoryEntry[] = [
    ...fills.map((row) => fromFields(FILLS, row)),
    ...splits.map((row) => fromFields(SPLITS, row)),
  ];
  return inSequence(entries).slice(0, limit);
}

/** Returns cash events, the latest first. */
export async function readCashEvents(
  prisma: PrismaReads,
  filter: { accountId?: string; limit: number },
): Promise<readonly CashEvent[]> {
  const { accountId, limit } = filter;
  const rows = await prisma.run('reading cash events', ({ cashEvent }) =>
    cashEvent.findMany({
      where: accountId === undefined ? {} : { accountId },
      orderBy: [{ eventAtUs: 'desc' }, { accountSequence: 'desc' }, { accountId: 'asc' }],
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(CASH_EVENTS, row));
}

/** Tells whether an activity of a venue has been booked. */
export async function readIsBooked(
  prisma: PrismaReads,
  accountId: string,
  activityId: string,
): Promise<boolean> {
  const where = { accountId, activityId };
  const what = `looking for activity ${activityId}`;
  const split = await prisma.run(what, (client) => client.split.findFirst({ where }));
  if (split !== null) return true;
  return (await prisma.run(what, (client) => client.cashEvent.findFirst({ where }))) !== null;
}

function inSequence<T extends { readonly accountSequence: number }>(entries: T[]): T[] {
  return entries.sort((a, b) => a.accountSequence - b.accountSequence);
}
