/** A prepared statement with its parameters. A name stands for one text for ever. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly Parameter[];
}

export type Parameter = string | number | boolean | Uint8Array | null;

export type Row = Readonly<Record<string, unknown>>;

/**
 * Wraps a data-changing query that returns a row for each row it changed: the transaction is refused unless it changed as many
 * rows as it was given.
 * @param change the query, ending in `RETURNING 1`.
 * @param expected SQL of the number of rows due. @param code SQLSTATE. @param reason in words, without quotes.
 */
export function refuseUnless(
  change: string,
  expected: string,
  code: string,
  reason: string,
): string {
  return (
    `WITH changed AS (${change}) SELECT capstan_refuse('${code}', '${reason}') ` +
    `FROM (SELECT count(*) AS n FROM changed) AS found WHERE n <> ${expected}`
  );
}
