import type { Log } from '@capstan/ports';
import pg from 'pg';

/** Where the database is, and what lets us in. */
export interface DatabaseAccess {
  /** Such as `postgresql://user:password@host:5432/capstan`. */
  readonly url: string;
  /** Encrypts and checks the server's certificate: who vouches for it (the system's authorities unless given), and our own. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** The same for ever, or what tells it: it is asked for each connection, so that passwords and certificates may change. */
export type DatabaseAddress = string | (() => DatabaseAccess);

/** Returns what tells the access as it is now; where it cannot be told, as it was before. @throws what `address` throws at first */
export function accessOf(address: DatabaseAddress, log?: Log): () => DatabaseAccess {
  if (typeof address === 'string') return () => ({ url: address });
  let known = address();
  return () => {
    try {
      known = address();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log?.error('what lets us into PostgreSQL cannot be read; that of before is used', { reason });
    }
    return known;
  };
}

/** Returns the options of a connection that say where it goes. */
export function connectionOptions({ url, tls }: DatabaseAccess): pg.ClientConfig {
  return { connectionString: url, ...(tls === undefined ? {} : { ssl: { ...tls } }) };
}

/** Makes the class of a pool's connections: each is opened with the access as it is then. */
export function clientClass(access: () => DatabaseAccess): typeof pg.Client {
  return class extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, ...connectionOptions(access()) });
    }
  };
}
