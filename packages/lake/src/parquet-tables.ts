import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError, assert, NANOS_PER_UNIT, powerOfTen } from '@capstan/domain';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { BarTable } from './bar-table.ts';
import { type ColumnMapping, type ResolvedMapping, resolveMapping } from './column-mapping.ts';
import { type FileTables, noBars, type TableOptions, tableBook } from './csv-tables.ts';
import { sqlName, sqlText, withConnection } from './duckdb.ts';
import { fileError } from './file-error.ts';
import { StampReader } from './stamp-reader.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
const PRICE_DECIMALS = 9;
/** The lake's own columns, as `data export` writes them. */
const NATIVE: ColumnMapping = {
  columns: {
    time: 'start_us',
    open: 'open_nanos',
    high: 'high_nanos',
    low: 'low_nanos',
    close: 'close_nanos',
  },
  timeFormat: 'us',
};

interface ParquetColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Reads a Parquet file into tables, a table a symbol. Times may be TIMESTAMP, DATE, whole numbers or texts; prices decimals, whole numbers or
 * floats, which are taken at the nearest nano.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, naming row, column and what was expected.
 */
export async function readParquetTables(options: TableOptions): Promise<FileTables> {
  try {
    return await withConnection((connection) => readRows(connection, options));
  } catch (error) {
    throw fileError(options.path, error);
  }
}

async function readRows(connection: DuckDBConnection, options: TableOptions): Promise<FileTables> {
  const { path } = options;
  const source = `read_parquet(${sqlText(path)})`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const columns = described.getRows().map(([name, type]): ParquetColumn => {
    return { name: String(name), type: String(type) };
  });
  const names = columns.map(({ name }) => name);
  const native = names.includes('open_nanos') && names.includes('start_us');
  const given = options.mapping ?? {};
  const mapping = resolveMapping(path, names, native ? { ...given, ...NATIVE } : given);
  const plan = new ColumnPlan(path, columns, mapping, native);
  const tables = new Map<string, BarTable>();
  const others = new Set<string>();
  const tableOf = tableBook(tables, options, others);
  const reader = new RowReader(options, plan, tableOf);
  const result = await connection.stream(`SELECT ${plan.select.join(', ')} FROM ${source}`);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; ) {
    const rows = chunk.getRows();
    for (const row of rows) reader.row(row);
    chunk = await result.fetchChunk();
  }
  if (![...tables.values()].some((table) => table.rows > 0)) {
    throw noBars(path, options.symbols, others);
  }
  return { tables, mapping, file: await hashFile(path), notes: plan.notes };
}

/** What is asked of DuckDB for each field, so that every row comes as a symbol, a time and five numbers. */
class ColumnPlan {
  readonly select: readonly string[];
  readonly notes: readonly string[];
  readonly mapping: ResolvedMapping;
  /** Whether the time comes as a text, as local microseconds, or as UTC microseconds. */
  readonly time: 'text' | 'local' | 'utc';
  readonly native: boolean;
  readonly names: readonly string[];

  constructor(
    path: string,
    columns: readonly ParquetColumn[],
    mapping: ResolvedMapping,
    native: boolean,
  ) {
    this.mapping = mapping;
    this.native = native;
    const column = (at: number): ParquetColumn => {
      const found = columns[at];
      assert(found !== undefined, `a mapping names column ${at}`);
      return found;
    };
    const numeric = (at: number): string => {
      const { name, type } = column(at);
      if (/^(FLOAT)$/.test(type)) return `${sqlName(name)}::VARCHAR::DOUBLE`;
      if (/^(DOUBLE|DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)/.test(type)) {
        return `${sqlName(name)}::DOUBLE`;
      }
      throw wrongType(path, { name, type }, 'a number');
    };
    const price = (at: number): string => {
      if (native) return numeric(at);
      const { name, type } = column(at);
      const places = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1] ?? Number.NaN);
      const exact = places <= PRICE_DECIMALS;
      return exact ? decimalNanos(name) : `${numeric(at)} * ${NANOS_PER_UNIT}`;
    };
    const stamp = column(mapping.index.time);
    this.time = timeKind(path, stamp);
    const symbol = mapping.index.symbol;
    const prices = PRICES.map((field) => mapping.index[field]);
    this.names = [...prices, mapping.index.volume].map((at) => column(at).name);
    this.select = [
      symbol === undefined ? "''" : `${sqlName(column(symbol).name)}::VARCHAR`,
      timeSql(stamp, mapping),
      ...prices.map(price),
      numeric(mapping.index.volume),
      mapping.index.endUs === undefined ? 'NULL' : numeric(mapping.index.endUs),
    ];
    const floats = prices.some((at) => /^(FLOAT|DOUBLE)/.test(column(at).type));
    this.notes =
      floats && !native ? ['prices are floats in the file: taken at the nearest nano'] : [];
  }
}

/** A decimal column as nanos, exact: its product with a float would not be, from some millions up. */
function decimalNanos(name: string): string {
  const nanos = `${sqlName(name)}::DECIMAL(28,9) * ${NANOS_PER_UNIT}::DECIMAL(10,0)`;
  return `(${nanos})::BIGINT::DOUBLE`;
}

function timeKind(path: string, stamp: ParquetColumn): 'text' | 'local' | 'utc' {
  if (/^TIMESTAMP WITH TIME ZONE/.test(stamp.type)) return 'utc';
  if (/^(TIMESTAMP|DATE)/.test(stamp.type)) return 'local';
  if (/INT/.test(stamp.type)) return 'utc';
  if (stamp.type === 'VARCHAR') return 'text';
  throw wrongType(path, stamp, 'a timestamp, a date, a whole number or a text');
}

function timeSql(stamp: ParquetColumn, mapping: ResolvedMapping): string {
  const name = sqlName(stamp.name);
  if (stamp.type === 'VARCHAR') return name;
  if (/^(TIMESTAMP|DATE)/.test(stamp.type)) {
    const cast = /^TIMESTAMP WITH/.test(stamp.type) ? name : `${name}::TIMESTAMP`;
    return `epoch_us(${cast})::DOUBLE`;
  }
  const unitUs = { us: 1, ms: 1_000, s: 1_000_000, iso: 1 }[mapping.timeFormat];
  return `${name}::DOUBLE * ${unitUs}`;
}

function wrongType(path: string, column: ParquetColumn, expected: string): AppError {
  return new AppError({
    code: 'LAKE.COLUMN',
    why: `${path}: column '${column.name}' is of type ${column.type}, expected ${expected}.`,
    fix: 'Map another column, or write the file with that type.',
  });
}

class RowReader {
  readonly #options: TableOptions;
  readonly #plan: ColumnPlan;
  readonly #tableOf: (symbol: string) => BarTable | undefined;
  readonly #stamps: StampReader;
  #number = 0;

  constructor(
    options: TableOptions,
    plan: ColumnPlan,
    tableOf: (symbol: string) => BarTable | undefined,
  ) {
    this.#options = options;
    this.#plan = plan;
    this.#tableOf = tableOf;
    // A timestamp without a zone is UTC, as Parquet's writers mean it, unless the mapping names a zone.
    const zoneless = options.daily || plan.time === 'local';
    this.#stamps = new StampReader(plan.mapping, { zoneless });
  }

  row(cells: readonly unknown[]): void {
    this.#number += 1;
    const symbol = this.#plan.mapping.symbol ?? String(cells[0] ?? '');
    if (symbol === '') throw this.#wrong('symbol', cells[0], 'a value');
    const table = this.#tableOf(symbol);
    if (table === undefined) return;
    const numbers = cells.slice(2, -1);
    const end = cells.at(-1);
    if (numbers.every((cell) => cell === null)) {
      table.emptyLines.push(this.#number);
      return;
    }
    const volumeUnit = this.#plan.native ? 1 : powerOfTen(table.quantityScale);
    const [openNanos, highNanos, lowNanos, closeNanos] = PRICES.map((_, at) =>
      this.#integer(numbers, at, 1, false),
    );
    table.push(
      {
        stampUs: this.#stamp(cells[1]),
        openNanos: openNanos ?? 0,
        highNanos: highNanos ?? 0,
        lowNanos: lowNanos ?? 0,
        closeNanos: closeNanos ?? 0,
        volume: this.#integer(numbers, PRICES.length, volumeUnit, true),
      },
      this.#number,
      ...(typeof end === 'number' ? [end] : []),
    );
  }

  #stamp(cell: unknown): number {
    const us = this.#read(cell);
    if (typeof us === 'string') throw this.#wrong('time', cell, us);
    return us;
  }

  #read(cell: unknown): number | string {
    if (this.#plan.time === 'text') return this.#stamps.text(String(cell ?? ''));
    if (typeof cell !== 'number' || !Number.isSafeInteger(cell)) return 'a time';
    return this.#plan.time === 'local' ? this.#stamps.local(cell) : cell;
  }

  #integer(cells: readonly unknown[], at: number, unit: number, exact: boolean): number {
    const cell = cells[at];
    const scaled = typeof cell === 'number' ? cell * unit : Number.NaN;
    const integer = Math.round(scaled);
    const isWell = Number.isSafeInteger(integer) && (!exact || integer === scaled);
    if (isWell) return integer === 0 ? 0 : integer;
    const expected = exact ? 'a whole number of units at the quantity scale' : 'a price';
    throw this.#wrong(this.#plan.names[at] ?? '', cell, expected);
  }

  #wrong(column: string, cell: unknown, expected: string): AppError {
    return new AppError({
      code: 'LAKE.VALUE',
      why: `${this.#options.path}, row ${this.#number}: column '${column}' is '${cell ?? ''}', expected ${expected}.`,
      fix: 'Correct the row or the column mapping.',
    });
  }
}

async function hashFile(path: string): Promise<FileTables['file']> {
  const digest = createHash('sha256');
  let bytesRead = 0;
  for await (const chunk of createReadStream(path)) {
    digest.update(chunk as Buffer);
    bytesRead += (chunk as Buffer).length;
  }
  return { sha256: digest.digest('hex'), bytesRead };
}
