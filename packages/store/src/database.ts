import type { Log } from '@capstan/ports';
import pg from 'pg';
import { storeFailure, unavailable } from './failure.ts';
import type { StoreLimits } from './limits.ts';
import type { Row, Statement } from './statement.ts';

/**
 * The connections to PostgreSQL. They are opened when needed, given up when they fail, and pipelined: statements are sent without
 * waiting for the answers of those before.
 */
export class Database {
  readonly pool: pg.Pool;

  constructor(url: string, limits: StoreLimits, log: Log) {
    this.pool = new pg.Pool({
      connectionString: url,
      application_name: 'capstan',
      pipeline: true,
      keepAlive: true,
      max: limits.poolMax,
      connectionTimeoutMillis: limits.connectTimeoutMs,
      idleTimeoutMillis: limits.idleCloseMs,
      statement_timeout: limits.statementTimeoutMs,
      lock_timeout: limits.lockTimeoutMs,
      idle_in_transaction_session_timeout: limits.idleTransactionTimeoutMs,
      query_timeout: limits.answerTimeoutMs,
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
   * Runs the statements in one transaction and one round trip: all are on their way before the first is answered. After one
   * that fails the server skips the others, and what should commit rolls back.
   * @returns the rows of each. @throws what {@link storeFailure} makes of the first failure.
   */
  async transact(doing: string, statements: readonly Statement[]): Promise<readonly Row[][]> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw storeFailure(error, doing);
    });
    let broken = true;
    try {
      const begun = client.query('BEGIN');
      const work = statements.map((statement) => client.query<Row>(prepared(statement)));
      const ended = client.query('COMMIT');
      const outcomes = await Promise.allSettled([begun, ...work, ended]);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      broken = outcomes.at(-1)?.status === 'rejected';
      if (failed !== undefined) throw failed.reason;
      const last = await ended;
      if (last.command !== 'COMMIT') {
        throw unavailable(`${doing}: PostgreSQL answered ${last.command} to COMMIT.`, undefined);
      }
      return (await Promise.all(work)).map((result) => result.rows);
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

function prepared({ name, text, values }: Statement): pg.QueryConfig {
  return { name, text, values: [...values] };
}
