import { AppError, hasCode } from '@capstan/domain';
import type { Log, Store } from '@capstan/ports';
import { Database } from './database.ts';
import type { DatabaseAddress } from './database-address.ts';
import type { StoreErrorCode } from './error-codes.ts';
import { LIMITS, type StoreLimits } from './limits.ts';
import { NEWEST_MIGRATION } from './newest-migration.ts';
import { PostgresStore } from './postgres-store.ts';
import { PrismaReads } from './prisma-reads.ts';

export interface OpenStoreOptions extends Partial<StoreLimits> {
  /** Such as `postgresql://user:password@host:5432/capstan`, or what tells it. */
  readonly url: DatabaseAddress;
  readonly log: Log;
}

/** How the connections of a store are used. */
export interface ConnectionUse {
  readonly busy: number;
  readonly idle: number;
  /** Calls that wait for one. */
  readonly waiting: number;
  readonly max: number;
}

/** A store and its connections. */
export interface PostgresStoreHandle {
  readonly store: Store;
  /** How the connections are used now. */
  connections(): ConnectionUse;
  /** Asks the server for an answer. @throws STORE.UNAVAILABLE */
  ping(): Promise<void>;
  /** Sees that the database has the tables of this version. @throws STORE.SCHEMA @throws STORE.UNAVAILABLE */
  checkSchema(): Promise<void>;
  /** Closes the connections when their work is done. */
  close(): Promise<void>;
}

/**
 * Opens the journal in PostgreSQL. Nothing is connected before the first call, and lost connections are made anew: a server that
 * is away makes calls reject with STORE.UNAVAILABLE for so long as it is.
 */
export function openStore({ url, log, ...limits }: OpenStoreOptions): PostgresStoreHandle {
  const database = new Database(url, { ...LIMITS, ...limits }, log);
  const prisma = new PrismaReads(database);
  const ping = async (): Promise<void> => {
    await database.query('asking for an answer', { name: 'ping', text: 'SELECT 1', values: [] });
  };
  let migrated = false;
  return {
    store: new PostgresStore(database, prisma),
    connections: () => {
      const { totalCount, idleCount, waitingCount, options } = database.pool;
      return {
        busy: totalCount - idleCount,
        idle: idleCount,
        waiting: waitingCount,
        max: options.max,
      };
    },
    ping,
    // A migration is never taken back, so that once is enough.
    checkSchema: async () => {
      if (migrated) return ping();
      await requireMigration(database, NEWEST_MIGRATION);
      migrated = true;
    },
    close: async () => {
      await prisma.close();
      await database.close();
    },
  };
}

const APPLIED = `SELECT 1 FROM _prisma_migrations
  WHERE migration_name = $1 AND finished_at IS NOT NULL AND rolled_back_at IS NULL`;

async function requireMigration(database: Database, name: string): Promise<void> {
  const doing = 'looking for the migrations of this version';
  const statement = { name: 'migration-applied', text: APPLIED, values: [name] };
  const rows = await database.query(doing, statement).catch((error: unknown) => {
    if (hasCode(error, 'STORE.SCHEMA')) return [];
    throw error;
  });
  if (rows.length > 0) return;
  throw new AppError({
    code: 'STORE.SCHEMA' satisfies StoreErrorCode,
    why: `the database does not have the migration ${name}, which this version needs.`,
    fix: "Run 'capstan db migrate' against it, or wait for the migrations' Job.",
    retry: 'retryable',
  });
}
