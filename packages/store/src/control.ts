import type { AuditRecord, CommandRecord, TokenRecord } from '@capstan/ports';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import { AUDIT, COMMANDS, TOKENS } from './tables.ts';

/** Writes a pending command; a second one of the same id is ignored. */
export async function addCommand(prisma: PrismaReads, record: CommandRecord): Promise<void> {
  await prisma.run(`writing command ${record.commandId}`, ({ command }) =>
    command.createMany({
      data: [{ ...record, createdAtUs: BigInt(record.createdAtUs) }],
      skipDuplicates: true,
    }),
  );
}

export async function readCommand(
  prisma: PrismaReads,
  commandId: string,
): Promise<CommandRecord | undefined> {
  const row = await prisma.run(`reading command ${commandId}`, ({ command }) =>
    command.findUnique({ where: { commandId } }),
  );
  return row === null ? undefined : fromFields(COMMANDS, row);
}

/** Returns the commands that wait for a key, in the order in which they were written. */
export async function readPendingCommands(
  prisma: PrismaReads,
  key: string,
): Promise<readonly CommandRecord[]> {
  const rows = await prisma.run(`reading commands of ${key}`, ({ command }) =>
    command.findMany({ where: { key, state: 'pending' }, orderBy: { id: 'asc' } }),
  );
  return rows.map((row) => fromFields(COMMANDS, row));
}

export async function addAudit(prisma: PrismaReads, record: AuditRecord): Promise<void> {
  await prisma.run(`writing audit record ${record.auditId}`, ({ audit }) =>
    audit.create({ data: { ...record, atUs: BigInt(record.atUs) }, select: { auditId: true } }),
  );
}

/** Returns audit records, the latest first. */
export async function readAudit(
  prisma: PrismaReads,
  limit: number,
): Promise<readonly AuditRecord[]> {
  const rows = await prisma.run('reading the audit', ({ audit }) =>
    audit.findMany({ orderBy: [{ atUs: 'desc' }, { id: 'desc' }], take: limit }),
  );
  return rows.map((row) => fromFields(AUDIT, row));
}

export async function addToken(prisma: PrismaReads, record: TokenRecord): Promise<void> {
  await prisma.run(`writing token ${record.name}`, ({ token }) =>
    token.create({
      data: { ...record, createdAtUs: BigInt(record.createdAtUs) },
      select: { tokenHash: true },
    }),
  );
}

export async function readToken(
  prisma: PrismaReads,
  tokenHash: string,
): Promise<TokenRecord | undefined> {
  const row = await prisma.run('reading a token', ({ token }) =>
    token.findUnique({ where: { tokenHash } }),
  );
  return row === null ? undefined : fromFields(TOKENS, row);
}
