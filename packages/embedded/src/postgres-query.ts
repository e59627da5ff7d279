import { createConnection } from 'node:net';
import { AppError } from '@capstan/domain';

const PROTOCOL_3 = 196_608;
const HEADER_BYTES = 5;

/** Where a statement is sent. */
export interface QueryTarget {
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/**
 * Runs one administrative statement over the simple query protocol, on a server that trusts its loopback interface.
 * It is all that starting a server needs; the store has the real client.
 * @returns the rows as text, null where SQL has NULL.
 * @throws EMBEDDED.POSTGRES_QUERY
 */
export function queryPostgres(target: QueryTarget, sql: string): Promise<(string | null)[][]> {
  const { promise, resolve, reject } = Promise.withResolvers<(string | null)[][]>();
  const socket = createConnection({ host: '127.0.0.1', port: target.port });
  const rows: (string | null)[][] = [];
  let pending = Buffer.alloc(0);
  let sent = false;
  let failure: AppError | undefined;
  socket.on('connect', () => socket.write(startup(target)));
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (let next = takeMessage(pending); next !== undefined; next = takeMessage(pending)) {
      pending = next.rest;
      if (next.type === 'D') rows.push(dataRow(next.body));
      if (next.type === 'E') failure ??= refused(sql, next.body);
      if (next.type === 'Z' && !sent) {
        sent = true;
        socket.write(message('Q', `${sql}\0`));
      } else if (next.type === 'Z') socket.end(message('X', ''));
    }
  });
  socket.on('error', (cause) => reject(unreached(target, cause)));
  socket.on('close', () => {
    if (failure !== undefined) reject(failure);
    else if (!sent) reject(unreached(target));
    else resolve(rows);
  });
  return promise;
}

function startup({ user, database }: QueryTarget): Buffer {
  const text = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(text.length + 8, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, text]);
}

function message(type: string, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(HEADER_BYTES);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
  readonly rest: Buffer<ArrayBuffer>;
}

function takeMessage(bytes: Buffer<ArrayBuffer>): Message | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const end = 1 + bytes.readInt32BE(1);
  if (bytes.length < end) return undefined;
  const type = bytes.toString('latin1', 0, 1);
  return { type, body: bytes.subarray(HEADER_BYTES, end), rest: bytes.subarray(end) };
}

function dataRow(body: Buffer): (string | null)[] {
  const row: (string | null)[] = [];
  let at = 2;
  for (let column = 0; column < body.readInt16BE(0); column += 1) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(length, 0);
  }
  return row;
}

function refused(sql: string, body: Buffer): AppError {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return new AppError({
    code: 'EMBEDDED.POSTGRES_QUERY',
    why: `PostgreSQL refused '${sql}': ${fields.get('M') ?? 'no reason given'}.`,
    details: { sqlState: fields.get('C') ?? '' },
  });
}

function unreached(target: QueryTarget, cause?: unknown): AppError {
  return new AppError({
    code: 'EMBEDDED.POSTGRES_QUERY',
    why: `PostgreSQL on 127.0.0.1:${target.port} closed the connection or cannot be reached.`,
    retry: 'retryable',
    cause,
  });
}

/** Quotes an identifier for SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal for SQL. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
