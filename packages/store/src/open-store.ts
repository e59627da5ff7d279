import type { Log, Store } from '@capstan/ports';
import { Database } from './database.ts';
import { LIMITS, type StoreLimits } from './limits.ts';
import { PostgresStore } from './postgres-store.ts';
import { PrismaReads } from './prisma-reads.ts';

export interface OpenStoreOptions extends Partial<StoreLimits> {
  /** Such as `postgresql://user:password@host:5432/capstan`. */
  readonly url: string;
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
    ping: async () => {
      await database.query('asking for an answer', { name: 'ping', text: 'SELECT 1', values: [] });
    },
    close: async () => {
      await prisma.close();
      await database.close();
    },
  };
}
