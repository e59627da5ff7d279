import { AppError } from '@capstan/domain';
import { BarTable, type TableOf, type TableRow } from './bar-table.ts';
import { type ColumnMapping, type ResolvedMapping, resolveMapping } from './column-mapping.ts';
import { type CsvLine, type CsvResult, cellText, cellTexts, readCsvLines } from './csv-lines.ts';
import { LISTED_MAX } from './limits.ts';
import { parseDecimalBytes, parseWholeBytes, TOO_EXACT } from './parse-number.ts';
import { StampReader } from './stamp-reader.ts';

const PRICE_DECIMALS = 9;
const PRICES = ['open', 'high', 'low', 'close'] as const;

/** The rows of a file, by symbol, and what the file was. */
export interface FileTables {
  readonly tables: ReadonlyMap<string, BarTable>;
  readonly mapping: ResolvedMapping;
  readonly file: CsvResult;
  /** What a reader of the report should know about how the file was read. */
  readonly notes: readonly string[];
}

export interface TableOptions {
  readonly path: string;
  readonly mapping?: ColumnMapping;
  /** Whether the stamps are dates of sessions: a text without a zone is then no fault. */
  readonly daily: boolean;
  /** Only rows of these symbols, all where absent. */
  readonly symbols?: readonly string[];
  readonly quantityScaleOf: (symbol: string) => number;
}

/**
 * Reads a CSV file into tables, a table a symbol. Values are read exactly and judged no further.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, LAKE.ZONE, naming line, column and what was expected.
 */
export async function readCsvTables(options: TableOptions): Promise<FileTables> {
  let reader = new CsvTableReader(options);
  const file = await readCsvLines(options.path, () => {
    reader = new CsvTableReader(options);
    return (line) => reader.line(line);
  });
  return { ...reader.finish(), file, notes: [] };
}

/**
 * Returns a function that finds, or makes, the table of a symbol; `undefined` where nobody asked for it.
 * @param others takes the symbols that nobody asked for.
 */
export function tableBook(
  tables: Map<string, BarTable>,
  options: Pick<TableOptions, 'symbols' | 'quantityScaleOf'>,
  others: Set<string>,
): TableOf {
  const wanted = options.symbols === undefined ? undefined : new Set(options.symbols);
  return (symbol) => {
    if (wanted !== undefined && !wanted.has(symbol)) {
      others.add(symbol);
      return undefined;
    }
    const known = tables.get(symbol);
    if (known !== undefined) return known;
    const table = new BarTable(symbol, options.quantityScaleOf(symbol));
    tables.set(symbol, table);
    return table;
  };
}

/** Says that a file has no bars, or none of the symbols asked for, and of which others it has some. */
export function noBars(
  path: string,
  symbols: readonly string[] | undefined,
  others: ReadonlySet<string>,
): AppError {
  const of = symbols === undefined ? '' : ` of ${symbols.join(', ')}`;
  const listed = [...others].sort();
  const more = listed.length > LISTED_MAX ? `, and ${listed.length - LISTED_MAX} more` : '';
  return new AppError({
    code: 'LAKE.FILE',
    why: `${path}: the file has no bars${of}.`,
    fix:
      listed.length === 0
        ? 'It must have a header and a row a bar.'
        : `It has ${listed.slice(0, LISTED_MAX).join(', ')}${more}.`,
  });
}

class CsvTableReader {
  readonly #options: TableOptions;
  readonly #tables = new Map<string, BarTable>();
  readonly #others = new Set<string>();
  readonly #tableOf: TableOf;
  #header: readonly string[] = [];
  #mapping: ResolvedMapping | undefined;
  #stamps: StampReader | undefined;
  #symbolText = new Uint8Array(0);
  #table: BarTable | undefined;
  #hasSymbol = false;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#tableOf = tableBook(this.#tables, options, this.#others);
  }

  line(line: CsvLine): void {
    const mapping = this.#mapping;
    if (mapping === undefined) {
      this.#readHeader(line);
      return;
    }
    const table = this.#tableFor(line, mapping);
    if (table === undefined) return;
    if (this.#isEmpty(line, mapping)) {
      table.emptyLines.push(line.number);
      return;
    }
    const row: TableRow = {
      stampUs: this.#stamp(line, mapping),
      openNanos: this.#price(line, mapping.index.open, table),
      highNanos: this.#price(line, mapping.index.high, table),
      lowNanos: this.#price(line, mapping.index.low, table),
      closeNanos: this.#price(line, mapping.index.close, table),
      volume: this.#volume(line, mapping.index.volume, table),
    };
    table.push(row, line.number, this.#end(line, mapping.index.endUs));
  }

  finish(): Pick<FileTables, 'tables' | 'mapping'> {
    const rows = [...this.#tables.values()].some((table) => table.rows > 0);
    if (this.#mapping === undefined || !rows) {
      throw noBars(this.#options.path, this.#options.symbols, this.#others);
    }
    return { tables: this.#tables, mapping: this.#mapping };
  }

  #readHeader(line: CsvLine): void {
    const header = cellTexts(line);
    this.#header = header;
    const mapping = resolveMapping(this.#options.path, header, this.#options.mapping ?? {});
    this.#mapping = mapping;
    this.#stamps = new StampReader(mapping, { zoneless: this.#options.daily });
    if (mapping.symbol !== undefined) {
      this.#table = this.#tableOf(mapping.symbol);
      this.#hasSymbol = true;
    }
  }

  /** The table of the line's symbol; lines of one symbol mostly follow each other. */
  #tableFor(line: CsvLine, mapping: ResolvedMapping): BarTable | undefined {
    const at = mapping.index.symbol;
    if (at === undefined) return this.#table;
    const from = line.starts[at] ?? 0;
    const to = at < line.cells ? (line.ends[at] ?? 0) : from;
    const last = this.#symbolText;
    if (this.#hasSymbol && to - from === last.length && same(line.bytes, from, last)) {
      return this.#table;
    }
    const symbol = cellText(line, at);
    if (symbol === '') throw this.#wrong(line, at, 'a value');
    this.#symbolText = line.bytes.slice(from, to);
    this.#hasSymbol = true;
    this.#table = this.#tableOf(symbol);
    return this.#table;
  }

  #isEmpty(line: CsvLine, mapping: ResolvedMapping): boolean {
    const { index } = mapping;
    const isBlank = (at: number): boolean =>
      at < line.cells && (line.ends[at] ?? 0) <= (line.starts[at] ?? 0);
    return PRICES.every((field) => isBlank(index[field])) && isBlank(index.volume);
  }

  #stamp(line: CsvLine, mapping: ResolvedMapping): number {
    const at = mapping.index.time;
    const [from, to] = this.#cell(line, at);
    const us = this.#stamps?.read(line.bytes, from, to) ?? 'a time';
    if (typeof us === 'string') throw this.#wrong(line, at, us);
    return us;
  }

  #end(line: CsvLine, at: number | undefined): number | undefined {
    if (at === undefined) return undefined;
    const [from, to] = this.#cell(line, at);
    const us = parseWholeBytes(line.bytes, from, to);
    if (Number.isNaN(us)) throw this.#wrong(line, at, 'a whole number of us since 1970, UTC');
    return us;
  }

  #price(line: CsvLine, at: number, table: BarTable): number {
    const [from, to] = this.#cell(line, at);
    const nanos = parseDecimalBytes(line.bytes, from, to, PRICE_DECIMALS);
    if (nanos === TOO_EXACT) {
      const rounded = Math.round(Number(cellText(line, at)) * 10 ** PRICE_DECIMALS);
      if (!Number.isSafeInteger(rounded)) throw this.#wrong(line, at, 'a price below 9 million');
      if (table.roundedLines.at(-1) !== line.number) table.roundedLines.push(line.number);
      return rounded;
    }
    if (Number.isNaN(nanos)) throw this.#wrong(line, at, 'a price such as 123.45');
    return nanos;
  }

  #volume(line: CsvLine, at: number, table: BarTable): number {
    const [from, to] = this.#cell(line, at);
    const scale = table.quantityScale;
    const volume = parseDecimalBytes(line.bytes, from, to, scale);
    if (Number.isFinite(volume)) return volume;
    const expected =
      scale === 0 ? 'a whole number of units' : `units with at most ${scale} decimals`;
    throw this.#wrong(line, at, expected);
  }

  #cell(line: CsvLine, at: number): readonly [number, number] {
    let from = line.starts[at] ?? 0;
    let to = at < line.cells ? (line.ends[at] ?? 0) : from;
    while (from < to && line.bytes[from] === 32) from += 1;
    while (from < to && line.bytes[to - 1] === 32) to -= 1;
    if (from === to) throw this.#wrong(line, at, 'a value');
    return [from, to];
  }

  #wrong(line: CsvLine, at: number, expected: string): AppError {
    const column = this.#header[at] ?? `number ${at + 1}`;
    const found = cellText(line, at);
    return new AppError({
      code: 'LAKE.VALUE',
      why: `${this.#options.path}, line ${line.number}: column '${column}' is '${found}', expected ${expected}.`,
      fix: 'Correct the row or the column mapping.',
    });
  }
}

function same(bytes: Uint8Array, from: number, expected: Uint8Array): boolean {
  for (let at = 0; at < expected.length; at += 1) {
    if (bytes[from + at] !== expected[at]) return false;
  }
  return true;
}
