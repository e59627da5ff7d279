import { assert } from '@capstan/domain';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';

/**
 * Streams a query whose columns are all DOUBLE without NULL, and hands each chunk's columns over as they lie in DuckDB's memory:
 * they are valid until the next call. The next chunk is asked for while the last is taken.
 * @returns how many rows there were.
 */
export async function streamDoubles(
  connection: DuckDBConnection,
  sql: string,
  take: (columns: readonly Float64Array[], firstRow: number) => void,
): Promise<number> {
  const result = await connection.stream(sql);
  const width = result.columnCount;
  let rows = 0;
  let next = result.fetchChunk();
  for (;;) {
    const chunk = await next;
    if (chunk === null || chunk.rowCount === 0) return rows;
    next = result.fetchChunk();
    const columns: Float64Array[] = [];
    for (let column = 0; column < width; column += 1) columns.push(doubles(chunk, column));
    take(columns, rows);
    rows += chunk.rowCount;
  }
}

function doubles(chunk: DuckDBDataChunk, column: number): Float64Array {
  const vector = chunk.getColumnVector(column) as unknown as { readonly items: unknown };
  assert(vector.items instanceof Float64Array, `column ${column} of a query is not DOUBLE`);
  return vector.items;
}
