import type { Denial, Fill, Intent, Order, Signal } from '@capstan/domain';
import type { EquityRecord, FillQuery, HistoryQuery, OrderQuery } from '@capstan/ports';
import type { Prisma } from './generated/client.ts';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import { DENIALS, EQUITY, FILLS, INTENTS, ORDERS, SIGNALS } from './tables.ts';

/** Returns signals, the latest bar first. */
export async function readSignals(
  prisma: PrismaReads,
  query: HistoryQuery,
): Promise<readonly Signal[]> {
  const rows = await prisma.run('reading signals', ({ signal }) =>
    signal.findMany({
      where: { ...belonging(query), barEndUs: within(query) },
      orderBy: [{ barEndUs: 'desc' }, { signalId: 'asc' }],
      take: query.limit,
    }),
  );
  return rows.map((row) => fromFields(SIGNALS, row));
}

/** Returns intents, the latest decided first. */
export async function readIntents(
  prisma: PrismaReads,
  query: HistoryQuery,
): Promise<readonly Intent[]> {
  const rows = await prisma.run('reading intents', ({ intent }) =>
    intent.findMany({
      where: { ...belonging(query), decidedAtUs: within(query) },
      orderBy: [{ decidedAtUs: 'desc' }, { intentId: 'asc' }],
      take: query.limit,
    }),
  );
  return rows.map((row) => fromFields(INTENTS, row));
}

/** Returns denials, the latest decided first. */
export async function readDenials(
  prisma: PrismaReads,
  query: HistoryQuery,
): Promise<readonly Denial[]> {
  const rows = await prisma.run('reading denials', ({ denial }) =>
    denial.findMany({
      where: { ...belonging(query), decidedAtUs: within(query) },
      orderBy: [{ decidedAtUs: 'desc' }, { denialId: 'asc' }],
      take: query.limit,
    }),
  );
  return rows.map((row) => fromFields(DENIALS, row));
}

/** Returns orders, the latest decided first. */
export async function readOrders(
  prisma: PrismaReads,
  query: OrderQuery,
): Promise<readonly Order[]> {
  const { states, limit } = query;
  const rows = await prisma.run('reading orders', ({ order }) =>
    order.findMany({
      where: {
        ...belonging(query),
        ...(states === undefined ? {} : { state: { in: [...states] } }),
      },
      orderBy: [{ decidedAtUs: 'desc' }, { orderId: 'asc' }],
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(ORDERS, row));
}

export async function readOrder(prisma: PrismaReads, orderId: string): Promise<Order | undefined> {
  const row = await prisma.run('reading an order', ({ order }) =>
    order.findUnique({ where: { orderId } }),
  );
  return row === null ? undefined : fromFields(ORDERS, row);
}

/** Returns fills, the latest first by the venue's time. */
export async function readFills(prisma: PrismaReads, query: FillQuery): Promise<readonly Fill[]> {
  const { orderId } = query;
  const rows = await prisma.run('reading fills', ({ fill }) =>
    fill.findMany({
      where: {
        ...belonging(query),
        ...(orderId === undefined ? {} : { orderId }),
        eventAtUs: within(query),
      },
      orderBy: [{ eventAtUs: 'desc' }, { accountSequence: 'desc' }, { accountId: 'asc' }],
      take: query.limit,
    }),
  );
  return rows.map((row) => fromFields(FILLS, row));
}

/** Returns an account's fill events after an account sequence, in that order. */
export async function readFillsAfter(
  prisma: PrismaReads,
  accountId: string,
  accountSequence: number,
  limit: number,
): Promise<readonly Fill[]> {
  const rows = await prisma.run(`reading fills of ${accountId}`, ({ fill }) =>
    fill.findMany({
      where: { accountId, accountSequence: { gt: BigInt(accountSequence) } },
      orderBy: { accountSequence: 'asc' },
      take: limit,
    }),
  );
  return rows.map((row) => fromFields(FILLS, row));
}

/** Returns equity, the latest first. */
export async function readEquity(
  prisma: PrismaReads,
  query: HistoryQuery,
): Promise<readonly EquityRecord[]> {
  const rows = await prisma.run('reading equity', ({ equity }) =>
    equity.findMany({
      where: { ...belonging(query), atUs: within(query) },
      orderBy: [{ atUs: 'desc' }, { accountId: 'asc' }, { botId: 'asc' }, { runId: 'asc' }],
      take: query.limit,
    }),
  );
  return rows.map((row) => fromFields(EQUITY, row));
}

function belonging(query: { runId?: string; accountId?: string; botId?: string }) {
  const { runId, accountId, botId } = query;
  return {
    ...(runId === undefined ? {} : { runId }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(botId === undefined ? {} : { botId }),
  };
}

function within({ afterUs, throughUs }: HistoryQuery): Prisma.BigIntFilter {
  return {
    ...(afterUs === undefined ? {} : { gt: BigInt(afterUs) }),
    ...(throughUs === undefined ? {} : { lte: BigInt(throughUs) }),
  };
}
