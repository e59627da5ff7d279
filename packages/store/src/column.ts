import { assert } from '@capstan/domain';

/** How one field of a record is kept in a column. */
export interface Column<T> {
  readonly type: 'text' | 'int8' | 'float8' | 'bool' | 'jsonb' | 'bytea';
  /** Returns the value as its type's text. */
  encode(value: T): string;
  /** Reads what pg or Prisma give for a value that is not null. */
  decode(raw: unknown): T;
}

/** A column of a field that may be absent: NULL then. */
export interface OptionalColumn<T> extends Column<T> {
  readonly optional: true;
}

/** Makes a column that may be NULL. */
export function optional<T>(column: Column<T>): OptionalColumn<T> {
  return { ...column, optional: true };
}

export const text: Column<string> = {
  type: 'text',
  encode: (value) => value,
  decode: (raw) => {
    assert(typeof raw === 'string', `expected text from the database, got ${typeof raw}`);
    return raw;
  },
};

/** Text of a closed set. A value outside it is a bug. */
export function oneOf<const T extends string>(values: readonly T[]): Column<T> {
  const known = new Set<string>(values);
  const check = (value: unknown): T => {
    assert(typeof value === 'string' && known.has(value), `'${value}' is none of ${values}`);
    return value as T;
  };
  return { type: 'text', encode: check, decode: check };
}

/** An integer within 2^53. @param brand asserts that, and brands it. */
export function integer<T extends number>(brand: (value: number) => T): Column<T> {
  return {
    type: 'int8',
    encode: (value) => String(brand(value)),
    decode: (raw) => brand(Number(raw)),
  };
}

function safe(value: number): number {
  assert(Number.isSafeInteger(value), `not a safe integer: ${value}`);
  return value;
}

/** A plain integer: a count, a revision, a sequence. */
export const count: Column<number> = integer(safe);

export const float: Column<number> = { type: 'float8', encode: String, decode: Number };

export const flag: Column<boolean> = {
  type: 'bool',
  encode: (value) => (value ? 't' : 'f'),
  decode: (raw) => raw === true,
};

/** A value as JSONB. The type is what this version wrote. */
export function json<T>(): Column<T> {
  return { type: 'jsonb', encode: (value) => JSON.stringify(value), decode: (raw) => raw as T };
}

export const bytes: Column<Uint8Array> = {
  type: 'bytea',
  encode: (value) =>
    `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`,
  decode: (raw) => {
    assert(raw instanceof Uint8Array, 'expected bytes from the database');
    return new Uint8Array(raw);
  },
};
