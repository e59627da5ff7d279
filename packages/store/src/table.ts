import { arrayLiteral } from './array-literal.ts';
import type { Column, OptionalColumn } from './column.ts';

/** A column for each field of a record; optional ones for optional fields. The compiler misses none. */
export type Columns<T> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? OptionalColumn<Exclude<T[K], undefined>>
    : Column<T[K]>;
};

interface Field {
  readonly name: string;
  readonly column: string;
  readonly codec: Column<unknown> & { readonly optional?: true };
}

/** A table whose rows are records of one kind. */
export interface Table<T> {
  readonly name: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  readonly fields: readonly Field[];
  /** Names the record in a message. */
  keyOf(record: T): string;
}

/** Describes a table. @param key fields of its primary key. */
export function table<T extends object>(
  name: string,
  key: readonly (keyof T & string)[],
  columns: Columns<T>,
): Table<T> {
  const fields = Object.entries<Column<unknown>>(columns as Record<string, Column<unknown>>).map(
    ([field, codec]) => ({ name: field, column: columnName(field), codec }),
  );
  return {
    name,
    key: key.map(columnName),
    fields,
    keyOf: (record) => JSON.stringify(key.map((field) => record[field])),
  };
}

/** Returns a field's column: `endUs` is `end_us`. */
export function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Returns the columns as a list, such as `"order_id", "intent_id"`. */
export function columnList(of: Table<never>, prefix = ''): string {
  return of.fields.map(({ column }) => `${prefix}"${column}"`).join(', ');
}

/** Returns `unnest(…)` with one array parameter a column. @param first number of the first parameter. */
export function unnest(of: Table<never>, first = 1): string {
  const arrays = of.fields.map(({ codec }, index) => `$${first + index}::${codec.type}[]`);
  return `unnest(${arrays.join(', ')})`;
}

/** Returns the records as one array parameter a column. @throws InvariantError when a value does not fit its column. */
export function columnArrays<T extends object>(of: Table<T>, records: readonly T[]): string[] {
  return of.fields.map(({ name, codec }) => {
    const bare = codec.type === 'int8' || codec.type === 'float8' || codec.type === 'bool';
    const elements = records.map((record) => {
      const value = (record as Readonly<Record<string, unknown>>)[name];
      return value === undefined ? null : codec.encode(value);
    });
    return arrayLiteral(elements, bare);
  });
}

/** Reads a record from a row whose keys are columns, as pg gives it. */
export function fromColumns<T>(of: Table<T>, row: Readonly<Record<string, unknown>>): T {
  return decode(of, (field) => row[field.column]);
}

/** Reads a record from a row whose keys are fields, as Prisma gives it. */
export function fromFields<T>(of: Table<T>, row: object): T {
  return decode(of, (field) => (row as Readonly<Record<string, unknown>>)[field.name]);
}

function decode<T>(of: Table<T>, rawOf: (field: Field) => unknown): T {
  const record: Record<string, unknown> = {};
  for (const field of of.fields) {
    const raw = rawOf(field);
    if (raw === null && field.codec.optional === true) continue;
    record[field.name] = field.codec.decode(raw);
  }
  return record as T;
}
