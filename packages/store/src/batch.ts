import pg from 'pg';
import type { Parameter, Row, Statement } from './statement.ts';

/** What a batch tells when it is over. */
type Outcome = (error: Error | null | undefined, rows?: readonly Row[][]) => void;

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** What pg's connection can do that its types do not say. */
type Wire = pg.Connection & { readonly stream: { cork(): void; uncork(): void } };

/** The statements that a connection was told the text of, by their names. */
const known = new WeakMap<pg.Connection, Set<string>>();

/**
 * Several prepared statements as one message to the server, ending in one Sync: the server runs them as one transaction, which
 * commits at the Sync, or not at all where one of them fails. Everything is written at once and answered at once. A connection on
 * which a batch failed must not be used again.
 */
export class Batch implements pg.Submittable {
  /** Names the batch where queries are traced. */
  readonly text: string;
  readonly #statements: readonly Statement[];
  readonly #wantsRows: boolean;
  readonly #rows: Row[][];
  /** pg puts its own in its place, which calls this one. */
  callback: Outcome;
  #fields: readonly Field[] = [];
  #answered = 0;

  /** @param wantsRows false where nobody looks at what the statements return. */
  constructor(
    doing: string,
    statements: readonly Statement[],
    options: { readonly wantsRows: boolean; readonly done: Outcome },
  ) {
    this.text = `batch ${doing}`;
    this.#statements = statements;
    this.#wantsRows = options.wantsRows;
    this.#rows = statements.map(() => []);
    this.callback = options.done;
  }

  /** Called by pg when it is this batch's turn. */
  submit = (connection: pg.Connection): void => {
    const wire = connection as Wire;
    const names = known.get(connection) ?? new Set();
    known.set(connection, names);
    wire.stream.cork();
    try {
      for (const { name, text, values } of this.#statements) {
        if (!names.has(name)) wire.parse({ name, text, types: [] }, true);
        names.add(name);
        wire.bind({ statement: name, values: values.map(asWritten) }, true);
        if (this.#wantsRows) wire.describe({ type: 'P', name: '' }, true);
        wire.execute({ portal: '' }, true);
      }
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
  };

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (!this.#wantsRows) return;
    const row: Record<string, unknown> = {};
    for (const [index, { name, dataTypeID }] of this.#fields.entries()) {
      const text = fields[index] ?? null;
      row[name] = text === null ? null : (pg.types.getTypeParser(dataTypeID)(text) as unknown);
    }
    this.#rows[this.#answered]?.push(row);
  }

  handleCommandComplete(): void {
    this.#answered += 1;
  }

  /** Not an answer to the batch: it is over, and committed, with the server's word that it is ready. */
  handleReadyForQuery(): void {
    this.callback(null, this.#rows);
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}
}

/** Bytes go as they are, everything else as text. */
function asWritten(value: Parameter): string | Buffer | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return String(value);
}
