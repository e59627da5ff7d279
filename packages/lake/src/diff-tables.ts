import { duckDb, inTurn, sqlName, sqlText } from './duckdb.ts';
import { fileError } from './file-error.ts';

/** A row of a table as plain data: whole numbers as texts, null for nothing. */
export type TableRow = Readonly<Record<string, unknown>>;

/** A row that is not alike in both tables; absent where a table lacks it. */
export interface RowDifference {
  readonly a: TableRow | undefined;
  readonly b: TableRow | undefined;
}

/** Two Parquet files that were written alike. */
export interface TablesToDiff {
  readonly a: string;
  readonly b: string;
  /** The column of whole numbers that names a row in both. */
  readonly key: string;
  /** Differences returned at most. */
  readonly limit: number;
}

/**
 * Returns the first rows that differ between two tables, in the order of their key; none where they are alike.
 * @throws LAKE.FILE where one of them cannot be read.
 */
export async function diffTables(tables: TablesToDiff): Promise<readonly RowDifference[]> {
  const key = sqlName(tables.key);
  const sql = `SELECT a, b FROM read_parquet(${sqlText(tables.a)}) AS a
    FULL JOIN read_parquet(${sqlText(tables.b)}) AS b ON a.${key} = b.${key}
    WHERE a IS DISTINCT FROM b ORDER BY coalesce(a.${key}, b.${key}) LIMIT ${Math.trunc(tables.limit)}`;
  try {
    return await inTurn(async () => {
      const reader = await (await duckDb()).runAndReadAll(sql);
      return reader.getRowObjectsJson().map(({ a, b }) => ({ a: rowOf(a), b: rowOf(b) }));
    });
  } catch (error) {
    throw fileError(`${tables.a}, ${tables.b}`, error);
  }
}

/** A row that an outer join did not find has null in every column. */
function rowOf(value: unknown): TableRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.values(value).every((cell) => cell === null) ? undefined : (value as TableRow);
}
