import { assert } from '@capstan/domain';
import { streamDoubles } from './chunk-columns.ts';
import { duckDb, inTurn, sqlText, withConnection } from './duckdb.ts';
import { LAKE_COLUMNS, type LakeBars, type LakeColumn } from './lake-bars.ts';
import { CHUNK_ROWS_MAX, ROW_GROUP_ROWS } from './limits.ts';

/** The name of each column in a Parquet file of bars. */
export const PARQUET_COLUMNS: Readonly<Record<LakeColumn, string>> = {
  startUs: 'start_us',
  endUs: 'end_us',
  openNanos: 'open_nanos',
  highNanos: 'high_nanos',
  lowNanos: 'low_nanos',
  closeNanos: 'close_nanos',
  volume: 'volume',
};

/**
 * Writes bars to a Parquet file of 64-bit integers: times in microseconds, prices in nanos.
 * @throws what DuckDB throws; the file is then to be removed.
 */
export async function writeParquetPart(path: string, bars: LakeBars): Promise<void> {
  await inTurn(async () => {
    await fillPartTable(bars);
    const columns = LAKE_COLUMNS.map((name) => `${PARQUET_COLUMNS[name]}::BIGINT`);
    const named = columns.map((cast, at) => `${cast} AS ${PARQUET_COLUMNS[nameAt(at)]}`);
    const connection = await duckDb();
    await connection.run(
      `COPY (SELECT ${named.join(', ')} FROM lake_part) TO ${sqlText(path)} (${PARQUET_OPTIONS})`,
    );
    await connection.run('DROP TABLE lake_part');
  });
}

/**
 * Second-generation pages hold times as differences, a few bits a row; zstd does the rest. Eight bytes a bar, and faster to read than
 * plain pages, which are seven times as large.
 */
export const PARQUET_OPTIONS = `FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION 'V2', ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;

const nameAt = (at: number): LakeColumn => LAKE_COLUMNS[at] ?? 'startUs';

/** Puts bars into the table `lake_part` of DOUBLE columns, a chunk at a time, straight from the columns. */
export async function fillPartTable(bars: LakeBars): Promise<void> {
  const { DOUBLE, DuckDBDataChunk } = await import('@duckdb/node-api');
  const connection = await duckDb();
  const columns = LAKE_COLUMNS.map((name) => `${PARQUET_COLUMNS[name]} DOUBLE`);
  await connection.run(`CREATE OR REPLACE TABLE lake_part (${columns.join(', ')})`);
  const appender = await connection.createAppender('lake_part');
  const types = LAKE_COLUMNS.map(() => DOUBLE);
  const rows = bars.endUs.length;
  for (let from = 0; from < rows; from += CHUNK_ROWS_MAX) {
    const to = Math.min(rows, from + CHUNK_ROWS_MAX);
    const chunk = DuckDBDataChunk.create(types, to - from);
    for (const [at, name] of LAKE_COLUMNS.entries()) {
      const vector = chunk.getColumnVector(at) as unknown as {
        readonly items: Float64Array;
        flush(): void;
      };
      vector.items.set(bars[name].subarray(from, to));
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** Which bars of some part files are read. */
export interface PartsQuery {
  readonly paths: readonly string[];
  /** Inclusive; a bar is in the range where it starts in it. */
  readonly fromUs?: number;
  /** Exclusive. */
  readonly toUs?: number;
  /** The length of every bar; absent where they differ, and starts are read too. */
  readonly lengthUs?: number;
}

/**
 * Reads bars of part files into columns, one file after the other.
 * @param into columns with room for all rows of the parts.
 * @returns the rows read.
 */
export async function readParquetParts(query: PartsQuery, into: LakeBars): Promise<number> {
  const names = LAKE_COLUMNS.filter((name) => name !== 'startUs' || query.lengthUs === undefined);
  const select = names.map((name) => `${PARQUET_COLUMNS[name]}::DOUBLE`).join(', ');
  const files = query.paths.map(sqlText).join(', ');
  const conditions = [
    ...(query.fromUs === undefined ? [] : [`start_us >= ${whole(query.fromUs)}`]),
    ...(query.toUs === undefined ? [] : [`start_us < ${whole(query.toUs)}`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const targets = names.map((name) => into[name]);
  const sql = `SELECT ${select} FROM read_parquet([${files}])${where}`;
  const { lengthUs } = query;
  const end = names.indexOf('endUs');
  return withConnection((connection) =>
    streamDoubles(connection, sql, (columns, firstRow) => {
      for (const [at, column] of columns.entries()) targets[at]?.set(column, firstRow);
      const endUs = columns[end];
      if (lengthUs !== undefined && endUs !== undefined) {
        fillStarts(into.startUs, endUs, { firstRow, lengthUs });
      }
    }),
  );
}

/** Works out the starts of a chunk while its ends are at hand. */
function fillStarts(
  startUs: Float64Array,
  endUs: Float64Array,
  { firstRow, lengthUs }: { readonly firstRow: number; readonly lengthUs: number },
): void {
  for (let row = 0; row < endUs.length; row += 1) {
    startUs[firstRow + row] = (endUs[row] as number) - lengthUs;
  }
}

function whole(us: number): string {
  assert(Number.isSafeInteger(us), `a time is whole microseconds: ${us}`);
  return String(us);
}
