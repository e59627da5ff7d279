import type { Log } from '@capstan/ports';
import pg from 'pg';
import { Batch } from './batch.ts';
import { accessOf, clientClass, type DatabaseAddress } from './database-address.ts';
import { storeFailure } from './failure.ts';
import type { StoreLimits } from './limits.ts';
import type { Row, Statement } from './statement.ts';

/** The connections to PostgreSQL. They are opened when needed, given up when they fail. */
export class Database {
  readonly pool: pg.Pool;

  /** @throws what `address` throws */
  constructor(address: DatabaseAddress, limits: StoreLimits, log: Log) {
    this.pool = new pg.Pool({
      Client: clientClass(accessOf(address, log)),
      application_name: 'capstan',
      keepAlive: true,
      max: limits.poolMax,
      connectionTimeoutMillis: limits.connectTimeoutMs,
      idleTimeoutMillis: limits.idleCloseMs,
      statement_timeout: limits.statementTimeoutMs,
      lock_timeout: limits.lockTimeoutMs,
      idle_in_transaction_session_timeout: limits.idleTransactionTimeoutMs,
      query_timeout: limits.answerTimeoutMs,
      onConnect: (client) => limitTransactions(client, limits.transactionTimeoutMs),
    });
    const lost = (error: Error): void => log.warn('connection lost', { reason: error.message });
    this.pool.on('error', lost);
    this.pool.on('connect', (client) => client.on('error', lost));
  }

  /** Runs one statement. @throws STORE.UNAVAILABLE */
  async query(doing: string, statement: Statement): Promise<readonly Row[]> {
    try {
      const result = await this.pool.query<Row>(prepared(statement));
      return result.rows;
    } catch (error) {
      throw storeFailure(error, doing);
    }
  }

  /**
   * Runs the statements in one transaction and one round trip: they are one message, and the server commits them with its end or,
   * after one that fails, skips the others and keeps nothing.
   * @returns the rows of each. @throws what {@link storeFailure} makes of the first failure.
   */
  transact(doing: string, statements: readonly Statement[]): Promise<readonly Row[][]> {
    return this.#batch(doing, statements, true);
  }

  /** As {@link transact}, for statements whose rows nobody looks at. */
  async write(doing: string, statements: readonly Statement[]): Promise<void> {
    await this.#batch(doing, statements, false);
  }

  async #batch(
    doing: string,
    statements: readonly Statement[],
    wantsRows: boolean,
  ): Promise<readonly Row[][]> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw storeFailure(error, doing);
    });
    let broken = true;
    try {
      const rows = await new Promise<readonly Row[][]>((resolve, reject) => {
        const done = (error: Error | null | undefined, found: readonly Row[][] = []): void => {
          if (error) reject(error);
          else resolve(found);
        };
        client.query(new Batch(doing, statements, { wantsRows, done }));
      });
      broken = false;
      return rows;
    } catch (error) {
      throw storeFailure(error, doing);
    } finally {
      client.release(broken);
    }
  }

  /** Ends all connections when their work is done. */
  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** A batch that never comes whole holds its locks: where the server can (from version 17), it ends such a transaction. */
async function limitTransactions(client: pg.ClientBase, timeoutMs: number): Promise<void> {
  const text = `SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'transaction_timeout'`;
  await client.query(text, [String(timeoutMs)]);
}

function prepared({ name, text, values }: Statement): pg.QueryConfig {
  return { name, text, values: [...values] };
}
