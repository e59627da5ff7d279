import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { marketFailure } from '../../requests/market-failure.ts';

/** Takes the cells of a line by the names of the header. */
export type CellReader = (name: string) => string;

/** Which lines of a file are wanted, and what is done with them. */
export interface CsvWish {
  /** Columns that must be there, the first of which says whose line it is. */
  readonly columns: readonly string[];
  /** Values of the first column. */
  readonly wanted: ReadonlySet<string>;
  /** Takes a line that is wanted. */
  readonly row: (ticker: string, cell: CellReader) => void;
  /** Is told after each piece of the file, so that it may wait. */
  readonly piece?: () => Promise<void>;
}

/**
 * Reads a packed CSV file as it comes: of the lines of others no more than the first cell. The file is never in memory whole.
 * @throws MARKET.ANSWER where a column is missing; what the stream throws where it breaks off.
 */
export async function readPackedCsv(body: Readable, wish: CsvWish): Promise<void> {
  const lines = new LineReader(wish);
  await pipeline(body, createGunzip(), async (source: AsyncIterable<Buffer>) => {
    // The vendor's files are ASCII.
    for await (const chunk of source) {
      lines.take(chunk.toString('latin1'));
      await wish.piece?.();
    }
  });
  lines.end();
}

class LineReader {
  readonly #wish: CsvWish;
  #header: ReadonlyMap<string, number> | undefined;
  #rest = '';

  constructor(wish: CsvWish) {
    this.#wish = wish;
  }

  take(text: string): void {
    const all = this.#rest + text;
    let from = 0;
    for (let end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', from)) {
      this.#line(all, from, end);
      from = end + 1;
    }
    this.#rest = all.slice(from);
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest, 0, this.#rest.length);
    this.#rest = '';
  }

  #line(text: string, from: number, end: number): void {
    const last = text.charCodeAt(end - 1) === RETURN ? end - 1 : end;
    if (last <= from) return;
    if (this.#header === undefined) {
      this.#header = this.#readHeader(text.slice(from, last));
      return;
    }
    const comma = text.indexOf(',', from);
    const ticker = text.slice(from, comma < 0 || comma > last ? last : comma);
    if (!this.#wish.wanted.has(ticker)) return;
    const cells = cellsOf(text.slice(from, last));
    const header = this.#header;
    this.#wish.row(ticker, (name) => cells[header.get(name) ?? -1] ?? '');
  }

  #readHeader(line: string): ReadonlyMap<string, number> {
    const header = new Map(cellsOf(line).map((name, at) => [name, at]));
    const missing = this.#wish.columns.filter((name) => !header.has(name));
    if (missing.length === 0 && header.get(this.#wish.columns[0] ?? '') === 0) return header;
    throw marketFailure('MARKET.ANSWER', {
      why: `A flat file of Polygon begins '${line.slice(0, 120)}', where columns ${this.#wish.columns.join(', ')} are to be, the first of them first.`,
    });
  }
}

const RETURN = 13;

/** Parts a line; a cell in quotation marks may hold commas. */
export function cellsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let from = 0;
  while (from <= line.length) {
    if (line[from] === '"') {
      const close = line.indexOf('"', from + 1);
      const end = close < 0 ? line.length : close;
      cells.push(line.slice(from + 1, end));
      from = end + 2;
    } else {
      const comma = line.indexOf(',', from);
      const end = comma < 0 ? line.length : comma;
      cells.push(line.slice(from, end));
      from = end + 1;
    }
  }
  return cells;
}
