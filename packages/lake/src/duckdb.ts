import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

let opened: Promise<DuckDBInstance> | undefined;
let writer: Promise<DuckDBConnection> | undefined;

/**
 * Opens DuckDB in memory. The library is loaded at the first call, so that a run over text files never pays for it. One thread:
 * reading a column file is bound by handing chunks over, and the other cores have runs to compute.
 */
function instance(): Promise<DuckDBInstance> {
  opened ??= import('@duckdb/node-api').then(({ DuckDBInstance }) =>
    DuckDBInstance.create(':memory:', { threads: '1' }),
  );
  return opened;
}

/** Returns the process's connection for writes, which share its tables: use it within {@link inTurn}. */
export function duckDb(): Promise<DuckDBConnection> {
  writer ??= instance().then((database) => database.connect());
  return writer;
}

/** Runs `work` with a connection of its own: a second query on a connection would end the stream of the first. */
export async function withConnection<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await (await instance()).connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/** Writes a text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Writes a name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The end of the last write. */
let last: Promise<unknown> = Promise.resolve();

/** Runs `work` after every earlier one has ended. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work);
  last = turn.catch(() => undefined);
  return turn;
}
