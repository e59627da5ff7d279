import type { BarQuery, BarRecord } from '@capstan/ports';
import { arrayLiteral } from './array-literal.ts';
import type { Database } from './database.ts';
import { columnList, fromColumns } from './table.ts';
import { BARS } from './tables.ts';

/** Reads each symbol backwards along its key, then merges: the cost depends on the limit, not on the history. */
const LATEST = `SELECT ${columnList(BARS, 'latest.')}
  FROM (SELECT DISTINCT unnest($3::text[]) AS symbol) AS wanted CROSS JOIN LATERAL (
    SELECT * FROM bars
    WHERE run_id = $1 AND feed = $2 AND bars.symbol = wanted.symbol AND timeframe = $4
      AND end_us > $5 AND end_us <= $6
    ORDER BY end_us DESC, revision DESC LIMIT $7
  ) AS latest
  ORDER BY end_us DESC, latest.symbol COLLATE "C" DESC, revision DESC LIMIT $7`;

/** Returns the latest bars of the query, sorted by end, then symbol, then revision. */
export async function readBars(database: Database, query: BarQuery): Promise<readonly BarRecord[]> {
  const { runId, feed, symbols, timeframe, afterUs, throughUs, limit } = query;
  const rows = await database.query(`reading bars of ${feed}`, {
    name: 'bars_latest',
    text: LATEST,
    values: [runId, feed, arrayLiteral(symbols, false), timeframe, afterUs, throughUs, limit],
  });
  return rows.map((row) => fromColumns(BARS, row)).reverse();
}
