import { KEPT_SUBJECTS, type Laggard, type OldRows } from '@capstan/ports';
import { count, text } from './column.ts';
import type { Database } from './database.ts';
import type { Parameter, Statement } from './statement.ts';

/** Returns the statement that removes old rows, at most so many, and returns their number as `n`. */
export function pruneStatement(rows: OldRows, limit: number): Statement {
  const { table, where, values } = oldRows(rows);
  return {
    name: `prune_${rows.kind}`,
    text: `WITH old AS (SELECT ctid FROM ${table} AS candidate WHERE ${where} LIMIT $${values.length + 1}),
      gone AS (DELETE FROM ${table} USING old WHERE ${table}.ctid = old.ctid RETURNING 1)
      SELECT count(*) AS n FROM gone`,
    values: [...values, limit],
  };
}

/** Returns how many rows could be removed. */
export async function countOld(database: Database, rows: OldRows): Promise<number> {
  const { table, where, values } = oldRows(rows);
  const [found] = await database.query(`counting old ${rows.kind}`, {
    name: `prunable_${rows.kind}`,
    text: `SELECT count(*) AS n FROM ${table} AS candidate WHERE ${where}`,
    values,
  });
  return count.decode(found?.n);
}

/** Returns who keeps messages of before a time from being removed. */
export async function readLaggards(
  database: Database,
  beforeUs: number,
): Promise<readonly Laggard[]> {
  const rows = await database.query('looking for receivers that lag', {
    name: 'laggards',
    text: `SELECT applied.key, count(*) AS n FROM outbox AS candidate
      JOIN applied ON ${BEHIND} WHERE ${DONE_WITH} GROUP BY applied.key ORDER BY applied.key`,
    values: [beforeUs],
  });
  return rows.map((row) => ({ key: text.decode(row.key), messages: count.decode(row.n) }));
}

const OF_CHAIN = 'applied.producer = candidate.producer AND applied.subject = candidate.subject';

/** A receiver of the message's chain that has not come to it. */
const BEHIND = `${OF_CHAIN} AND applied.sequence < candidate.sequence`;

/** One that has not come beyond it: what comes next names the message as the one before. */
const NOT_BEYOND = `${OF_CHAIN} AND applied.sequence <= candidate.sequence`;

/** Old enough, published, not the newest, and nothing that a ledger is rebuilt from: receivers alone may still need it. */
const DONE_WITH = `candidate.written_at_us < $1
  AND EXISTS (SELECT 1 FROM owners WHERE owners.key = candidate.producer
    AND candidate.sequence <= owners.published_through AND candidate.sequence < owners.last_outbox_sequence)
  AND ${KEPT_SUBJECTS.map((subject) => `candidate.subject NOT LIKE '${subject}%'`).join(' AND ')}`;

/** Of each account and bot the last point of an hour stays, and the first of all, from which the first day counts. */
const THINNED = `candidate.run_id = $1 AND candidate.at_us < $2
  AND ${otherPoint(
    'later',
    `at_us > candidate.at_us
    AND later.at_us < (candidate.at_us / 3600000000 + 1) * 3600000000`,
  )}
  AND ${otherPoint('earlier', 'at_us < candidate.at_us')}`;

function otherPoint(name: string, when: string): string {
  return `EXISTS (SELECT 1 FROM equity AS ${name} WHERE ${name}.run_id = candidate.run_id
    AND ${name}.account_id = candidate.account_id AND ${name}.bot_id = candidate.bot_id AND ${name}.${when})`;
}

/** A later checkpoint is old enough, or the run is another. */
const OUTLIVED = `(candidate.run_id <> $1 AND candidate.written_at_us < $2)
  OR EXISTS (SELECT 1 FROM replay_checkpoints AS later WHERE later.run_id = candidate.run_id
    AND later.trade_date > candidate.trade_date AND later.written_at_us < $2)`;

interface Old {
  readonly table: string;
  readonly where: string;
  readonly values: readonly Parameter[];
}

/** Says which rows of which table, called `candidate`, may go. */
function oldRows(rows: OldRows): Old {
  const { beforeUs } = rows;
  switch (rows.kind) {
    case 'outbox': {
      const where = `${DONE_WITH} AND NOT EXISTS (SELECT 1 FROM applied WHERE ${NOT_BEYOND})`;
      return { table: 'outbox', where, values: [beforeUs] };
    }
    case 'commands':
      return {
        table: 'commands',
        where: `candidate.created_at_us < $1 AND candidate.state <> 'pending'`,
        values: [beforeUs],
      };
    case 'audit':
      return { table: 'audit', where: 'candidate.at_us < $1', values: [beforeUs] };
    case 'equity':
      return { table: 'equity', where: THINNED, values: [rows.runId, beforeUs] };
    case 'signals':
      return ofRun('signals', 'bar_end_us', rows.runId, beforeUs);
    case 'denials':
      return ofRun('denials', 'decided_at_us', rows.runId, beforeUs);
    case 'bars':
      return ofRun('bars', 'end_us', rows.runId, beforeUs);
    case 'replayCheckpoints':
      return { table: 'replay_checkpoints', where: OUTLIVED, values: [rows.runId, beforeUs] };
  }
}

function ofRun(table: string, time: string, runId: string, beforeUs: number): Old {
  return {
    table,
    where: `candidate.run_id = $1 AND candidate.${time} < $2`,
    values: [runId, beforeUs],
  };
}
