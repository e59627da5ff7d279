import type { BarQuery, BarRecord, BarRevisions } from '@capstan/ports';
import { arrayLiteral } from './array-literal.ts';
import type { Database } from './database.ts';
import { columnList, fromColumns } from './table.ts';
import { BARS } from './tables.ts';

/** Picks the revisions of a symbol's bars, and the columns that tell one of them from the next. */
const PICKED: Readonly<Record<BarRevisions, readonly [select: string, where: string]>> = {
  first: ['SELECT *', 'AND revision = 0'],
  latest: ['SELECT DISTINCT ON (end_us) *', ''],
  all: ['SELECT *', ''],
};

/** Reads each symbol backwards along its key, then merges: the cost depends on the limit, not on the history. */
function statement(revisions: BarRevisions): string {
  const [select, where] = PICKED[revisions];
  return `SELECT ${columnList(BARS, 'latest.')}
  FROM (SELECT DISTINCT unnest($3::text[]) AS symbol) AS wanted CROSS JOIN LATERAL (
    ${select} FROM bars
    WHERE run_id = $1 AND feed = $2 AND bars.symbol = wanted.symbol AND timeframe = $4
      AND end_us > $5 AND end_us <= $6 ${where}
    ORDER BY end_us DESC, revision DESC LIMIT $7
  ) AS latest
  ORDER BY end_us DESC, latest.symbol COLLATE "C" DESC, revision DESC LIMIT $7`;
}

const STATEMENTS: Readonly<Record<BarRevisions, string>> = {
  first: statement('first'),
  latest: statement('latest'),
  all: statement('all'),
};

/** Returns the latest bars of the query, sorted by end, then symbol, then revision. */
export async function readBars(database: Database, query: BarQuery): Promise<readonly BarRecord[]> {
  const { runId, feed, symbols, timeframe, afterUs, throughUs, limit, revisions = 'first' } = query;
  const rows = await database.query(`reading bars of ${feed}`, {
    name: `bars_${revisions}`,
    text: STATEMENTS[revisions],
    values: [runId, feed, arrayLiteral(symbols, false), timeframe, afterUs, throughUs, limit],
  });
  return rows.map((row) => fromColumns(BARS, row)).reverse();
}
