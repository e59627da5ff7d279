import type { AppliedSequence, OutboxMessage } from '@capstan/ports';
import { arrayLiteral } from './array-literal.ts';
import type { Database } from './database.ts';
import { columnList, fromColumns } from './table.ts';
import { OUTBOX } from './tables.ts';

/** Returns messages of a producer after a sequence, in order. */
export async function readOutbox(
  database: Database,
  producer: string,
  afterSequence: number,
  limit: number,
): Promise<readonly OutboxMessage[]> {
  const rows = await database.query(`reading the outbox of ${producer}`, {
    name: 'outbox_read',
    text:
      `SELECT ${columnList(OUTBOX)} FROM outbox ` +
      'WHERE producer = $1 AND sequence > $2 ORDER BY sequence LIMIT $3',
    values: [producer, afterSequence, limit],
  });
  return rows.map((row) => fromColumns(OUTBOX, row));
}

/**
 * Walks the index from one (subject, producer) to the next, keeps those that match, and takes of each what is beyond the applied
 * sequence: what lies before is never read.
 */
const BEYOND = `WITH RECURSIVE chains AS (
  (SELECT subject, producer FROM outbox ORDER BY subject, producer LIMIT 1)
  UNION ALL
  SELECT following.subject, following.producer FROM chains CROSS JOIN LATERAL (
    SELECT subject, producer FROM outbox
    WHERE (outbox.subject, outbox.producer) > (chains.subject, chains.producer)
    ORDER BY subject, producer LIMIT 1
  ) AS following
), applied AS (
  SELECT * FROM unnest($2::text[], $3::text[], $4::int8[]) AS given (producer, subject, sequence)
), beyond AS (
  SELECT message.id FROM chains
  LEFT JOIN applied USING (producer, subject)
  CROSS JOIN LATERAL (
    SELECT id FROM outbox
    WHERE outbox.subject = chains.subject AND outbox.producer = chains.producer
      AND outbox.sequence > coalesce(applied.sequence, 0)
    ORDER BY outbox.sequence LIMIT $5
  ) AS message
  WHERE chains.subject ~ ANY ($1::text[])
  ORDER BY message.id LIMIT $5
) SELECT ${columnList(OUTBOX)} FROM beyond JOIN outbox USING (id) ORDER BY id`;

/** Returns messages of all producers that match a filter and lie beyond what is applied, in the order of their commits. */
export async function readOutboxBeyond(
  database: Database,
  filters: readonly string[],
  applied: readonly AppliedSequence[],
  limit: number,
): Promise<readonly OutboxMessage[]> {
  const last = new Map(applied.map((one) => [JSON.stringify([one.producer, one.subject]), one]));
  const known = [...last.values()];
  const rows = await database.query('reading the outbox beyond what is applied', {
    name: 'outbox_beyond',
    text: BEYOND,
    values: [
      arrayLiteral(filters.map(subjectPattern), false),
      arrayLiteral(
        known.map((one) => one.producer),
        false,
      ),
      arrayLiteral(
        known.map((one) => one.subject),
        false,
      ),
      arrayLiteral(
        known.map((one) => String(one.sequence)),
        true,
      ),
      limit,
    ],
  });
  return rows.map((row) => fromColumns(OUTBOX, row));
}

/** Returns a filter as a regular expression: `*` is one token, a last `>` one or more. */
export function subjectPattern(filter: string): string {
  const tokens = filter.split('.').map((token, index, all) => {
    if (token === '*') return '[^.]+';
    if (token === '>' && index === all.length - 1) return '.+';
    return token.replace(/[^A-Za-z0-9_-]/g, (letter) => `\\${letter}`);
  });
  return `^${tokens.join('\\.')}$`;
}
