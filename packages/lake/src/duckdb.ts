import type { DuckDBConnection } from '@duckdb/node-api';

let opened: Promise<DuckDBConnection> | undefined;

/**
 * Returns the process's connection to DuckDB, in memory. The library is loaded at the first call, so that a run over
 * text files never pays for it. One thread: reading a column file is bound by handing chunks over, and the other cores
 * have runs to compute.
 */
export function duckDb(): Promise<DuckDBConnection> {
  opened ??= open();
  return opened;
}

async function open(): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  return instance.connect();
}

/** Writes a text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Writes a name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Calls of DuckDB that share the connection's tables run one after the other. */
let last: Promise<unknown> = Promise.resolve();

/** Runs `work` after every earlier one has ended. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work);
  last = turn.catch(() => undefined);
  return turn;
}
