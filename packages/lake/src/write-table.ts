import { assert } from '@capstan/domain';
import { duckDb, inTurn, sqlName, sqlText } from './duckdb.ts';
import { writeError } from './file-error.ts';
import { CHUNK_ROWS_MAX } from './limits.ts';
import { PARQUET_OPTIONS } from './parquet-part.ts';

/** Numbers of a column; what is beyond the table's rows is not read. */
export type TableValues =
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Int32Array
  | Float64Array
  | readonly number[];

/**
 * One column of a table. `integer`: whole numbers below 2^53, null where NaN. `float`: null where NaN. `text`: an index into the
 * texts, null where there is no such text.
 */
export type TableColumn =
  | { readonly name: string; readonly kind: 'integer' | 'float'; readonly values: TableValues }
  | {
      readonly name: string;
      readonly kind: 'text';
      readonly values: TableValues;
      readonly texts: readonly string[];
    };

/** A table to be written. */
export interface TableToWrite {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
}

/**
 * Writes a table to a Parquet file. DuckDB is loaded at the first call of the process.
 * @throws LAKE.DISK where the disk is full, LAKE.WRITE. What was written of the file is left.
 * @complexity O(rows × columns)
 */
export async function writeTable(table: TableToWrite): Promise<void> {
  try {
    await inTurn(() => write(table));
  } catch (error) {
    throw writeError(table.path, error);
  }
}

async function write({ path, rows, columns }: TableToWrite): Promise<void> {
  const { DOUBLE, DuckDBDataChunk } = await import('@duckdb/node-api');
  const connection = await duckDb();
  const plain = columns.map((_, at) => `c${at} DOUBLE`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE table_part (${plain.join(', ')})`);
  const appender = await connection.createAppender('table_part');
  const types = columns.map(() => DOUBLE);
  for (let from = 0; from < rows; from += CHUNK_ROWS_MAX) {
    const count = Math.min(rows - from, CHUNK_ROWS_MAX);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [at, { values, name }] of columns.entries()) {
      assert(values.length >= rows, `column ${name} has ${values.length} of ${rows} rows`);
      const vector = chunk.getColumnVector(at) as unknown as {
        readonly items: Float64Array;
        flush(): void;
      };
      for (let row = 0; row < count; row += 1) {
        vector.items[row] = values[from + row] ?? Number.NaN;
      }
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const select = columns.map(
    (column, at) => `${expression(column, at)} AS ${sqlName(column.name)}`,
  );
  await connection.run(
    `COPY (SELECT ${select.join(', ')} FROM table_part) TO ${sqlText(path)} (${PARQUET_OPTIONS})`,
  );
  await connection.run('DROP TABLE table_part');
}

function expression(column: TableColumn, at: number): string {
  const cell = `c${at}`;
  if (column.kind === 'text') {
    const texts = column.texts.map(sqlText).join(', ');
    return `list_extract(CAST([${texts}] AS VARCHAR[]), CASE WHEN isnan(${cell}) OR ${cell} < 0 THEN NULL ELSE ${cell}::BIGINT + 1 END)`;
  }
  const value = column.kind === 'integer' ? `${cell}::BIGINT` : cell;
  return `CASE WHEN isnan(${cell}) THEN NULL ELSE ${value} END`;
}
