import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { fileError } from './file-error.ts';
import { isGzip, requireNamedKind, requireText } from './file-kind.ts';
import { LINE_BYTES_MAX, READ_BYTES } from './limits.ts';

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Cells of one line as spans of bytes: cell `i` is `[starts[i], ends[i])`. The next line overwrites them. */
export interface CsvLine {
  readonly bytes: Uint8Array;
  /** How many cells the line has. */
  cells: number;
  readonly starts: number[];
  readonly ends: number[];
  /** From 1. */
  number: number;
}

/** Takes the lines of a file, the header first. Blank lines are left out. */
export type CsvSink = (line: CsvLine) => void;

const decoder = new TextDecoder();

/** Returns the cells of a line as texts, without spaces around them. */
export function cellTexts(line: CsvLine): readonly string[] {
  return Array.from({ length: line.cells }, (_, at) => cellText(line, at));
}

/** Returns a cell as a text; empty where the line has no such cell. */
export function cellText(line: CsvLine, at: number): string {
  if (at >= line.cells) return '';
  return decoder.decode(line.bytes.subarray(line.starts[at] ?? 0, line.ends[at] ?? 0)).trim();
}

/** Where a file is read from, and how fast its cells are parted. */
export interface CsvResult {
  /** Lower-case hexadecimal SHA-256 of the file's bytes. */
  readonly sha256: string;
  readonly bytesRead: number;
}

/**
 * Reads the lines of a CSV file, gzip too. Cells are parted in place while no cell is quoted; from the first quotation mark on the
 * file is read again by a full parser, so the sink must be made anew by `sinkOf`.
 * @param sinkOf makes the taker of lines; called once, or twice where cells are quoted.
 * @throws LAKE.FILE where the file is missing, cut off, or holds a line beyond the limit; and what the sink throws.
 */
export async function readCsvLines(path: string, sinkOf: () => CsvSink): Promise<CsvResult> {
  try {
    const plain = await readPlain(path, sinkOf());
    return plain ?? (await readQuoted(path, sinkOf()));
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Bytes of a file, unpacked where it begins like gzip. Counts and hashes what it reads. */
async function* fileBytes(path: string, read: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await iterator.next();
  if (first.done === true) return;
  requireNamedKind(path, first.value);
  const all = async function* (): AsyncGenerator<Buffer> {
    for (let next: IteratorResult<Buffer> = first; next.done !== true; ) {
      read(next.value);
      yield next.value;
      next = await iterator.next();
    }
  };
  if (!isGzip(first.value)) {
    requireText(path, first.value);
    yield* all();
    return;
  }
  const { Readable } = await import('node:stream');
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  const packed = Readable.from(all());
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  let isFirst = true;
  for await (const chunk of gunzip) {
    if (isFirst) requireText(path, chunk as Buffer);
    isFirst = false;
    yield chunk as Buffer;
  }
}

/** Reads a file without quoted cells. @returns `undefined` at the first quotation mark. */
async function readPlain(path: string, sink: CsvSink): Promise<CsvResult | undefined> {
  const digest = createHash('sha256');
  const splitter = new LineSplitter(sink);
  let bytesRead = 0;
  const chunks = fileBytes(path, (chunk) => {
    digest.update(chunk);
    bytesRead += chunk.length;
  });
  for await (const chunk of chunks) {
    if (chunk.includes(QUOTE)) return undefined;
    splitter.push(chunk);
  }
  splitter.end();
  return { sha256: digest.digest('hex'), bytesRead };
}

async function readQuoted(path: string, sink: CsvSink): Promise<CsvResult> {
  const digest = createHash('sha256');
  let bytesRead = 0;
  const { parse } = await import('csv-parse');
  const { pipeline } = await import('node:stream/promises');
  const parser = parse({
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    bom: true,
    delimiter: [',', ';', '\t'],
  });
  await pipeline(
    fileBytes(path, (chunk) => {
      digest.update(chunk);
      bytesRead += chunk.length;
    }),
    parser,
    async (rows: AsyncIterable<{ record: string[]; info: { lines: number } }>) => {
      for await (const { record, info } of rows) sink(lineOf(record, info.lines));
    },
  );
  return { sha256: digest.digest('hex'), bytesRead };
}

function lineOf(record: readonly string[], number: number): CsvLine {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  const cells = record.map((cell) => Buffer.from(cell.trim()));
  for (const cell of cells) {
    starts.push(at);
    at += cell.length;
    ends.push(at);
  }
  return { bytes: Buffer.concat(cells), cells: cells.length, starts, ends, number };
}

/** Parts bytes into lines and cells, in place; a line across two chunks is put together. */
class LineSplitter {
  readonly #sink: CsvSink;
  #rest: Buffer = Buffer.alloc(0);
  #number = 0;
  #delimiter = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(sink: CsvSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    const first = this.#number === 0 && this.#rest.length === 0;
    const marked = first && BYTE_ORDER_MARK.every((byte, at) => chunk[at] === byte);
    let bytes = marked ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk;
    if (this.#rest.length > 0) bytes = Buffer.concat([this.#rest, bytes]);
    let from = 0;
    for (;;) {
      const to = bytes.indexOf(NEWLINE, from);
      if (to < 0) break;
      this.#line(bytes, from, to);
      from = to + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length > LINE_BYTES_MAX) {
      throw new Error(`line ${this.#number + 1} is longer than ${LINE_BYTES_MAX} bytes`);
    }
  }

  end(): void {
    if (this.#rest.length > 0) this.#line(this.#rest, 0, this.#rest.length);
  }

  #line(bytes: Buffer, from: number, newline: number): void {
    this.#number += 1;
    const to = newline > from && bytes[newline - 1] === RETURN ? newline - 1 : newline;
    if (to === from) return;
    if (this.#delimiter === 0) this.#delimiter = delimiterOf(bytes.subarray(from, to));
    const starts = this.#starts;
    const ends = this.#ends;
    let cells = 0;
    let start = from;
    for (let at = from; at <= to; at += 1) {
      if (at < to && bytes[at] !== this.#delimiter) continue;
      starts[cells] = start;
      ends[cells] = at;
      cells += 1;
      start = at + 1;
    }
    this.#sink({ bytes, cells, starts, ends, number: this.#number });
  }
}

/** A comma, unless the header has none but semicolons or tabs. */
function delimiterOf(header: Buffer): number {
  const found = [',', ';', '\t'].map((letter) => letter.charCodeAt(0));
  return found.find((byte) => header.includes(byte)) ?? found[0] ?? 0;
}
