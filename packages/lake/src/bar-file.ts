import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import {
  AppError,
  type Bar,
  barProblem,
  hasCode,
  parseDecimal,
  parsePrice,
  type Timeframe,
  timeframeUs,
  timeUs,
  US_PER_MS,
  US_PER_SECOND,
} from '@capstan/domain';
import { type ColumnMapping, type ResolvedMapping, resolveMapping } from './column-mapping.ts';
import { fileError } from './file-error.ts';

export interface BarFileOptions {
  readonly path: string;
  readonly timeframe: Exclude<Timeframe, '1d'>;
  readonly mapping?: ColumnMapping;
  /** Decimals of a symbol's quantities; 0 unless told. */
  readonly quantityScaleOf?: (symbol: string) => number;
}

export interface BarFile {
  /** In the order of the file; strictly increasing in time for each symbol. */
  readonly bars: readonly Bar[];
  /** Sorted. */
  readonly symbols: readonly string[];
  /** Lower-case hexadecimal SHA-256 of the file's bytes. */
  readonly fingerprint: string;
}

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * Reads a CSV file of bars, gzip too. All of it, or nothing: the first thing that is wrong ends the reading.
 * @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, LAKE.ORDER, each naming the line, the column and what was expected.
 */
export async function readBarFile(options: BarFileOptions): Promise<BarFile> {
  const { path } = options;
  const reader = new BarReader(options);
  const { parse } = await import('csv-parse');
  const digest = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      done(null, chunk);
    },
  });
  const parser = parse({ info: true, skip_empty_lines: true, relax_column_count: true, bom: true });
  try {
    await pipeline(
      createReadStream(path),
      hashing,
      (source: AsyncIterable<Buffer>) => unzip(source),
      parser,
      async (rows: AsyncIterable<{ record: string[]; info: { lines: number } }>) => {
        for await (const { record, info } of rows) reader.row(record, info.lines);
      },
    );
  } catch (error) {
    throw fileError(path, error);
  }
  return { ...reader.finish(), fingerprint: digest.digest('hex') };
}

/** Unpacks a stream that begins like gzip; passes any other through. */
async function* unzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const zipped = GZIP_MAGIC.every((byte, index) => first.value[index] === byte);
  const rest = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  };
  if (!zipped) {
    yield* rest();
    return;
  }
  const out: Readable = new PassThrough();
  const done = pipeline(rest, createGunzip(), out as PassThrough);
  done.catch(() => undefined);
  for await (const chunk of out) yield chunk as Buffer;
  await done;
}

/** Turns rows into bars, one after the other. */
class BarReader {
  readonly #options: BarFileOptions;
  readonly #lengthUs: number;
  readonly #bars: Bar[] = [];
  readonly #lastEndUs = new Map<string, number>();
  #header: readonly string[] = [];
  #mapping: ResolvedMapping | undefined;

  constructor(options: BarFileOptions) {
    this.#options = options;
    this.#lengthUs = timeframeUs(options.timeframe) ?? 0;
  }

  row(record: readonly string[], line: number): void {
    if (this.#mapping === undefined) {
      this.#header = record;
      this.#mapping = resolveMapping(this.#options.path, record, this.#options.mapping ?? {});
      return;
    }
    const bar = this.#bar(record, line, this.#mapping);
    const problem = barProblem(bar);
    if (problem !== undefined) {
      throw this.#wrong(
        'LAKE.VALUE',
        line,
        `${bar.symbol}: ${problem}`,
        'Correct the row or leave it out.',
      );
    }
    const last = this.#lastEndUs.get(bar.symbol);
    if (last !== undefined && bar.endUs <= last) {
      const what = bar.endUs === last ? 'repeats the time of' : 'is older than';
      throw this.#wrong(
        'LAKE.ORDER',
        line,
        `${bar.symbol}: the bar ${what} the one before it`,
        'Sort the file by time and keep one row a bar.',
      );
    }
    this.#lastEndUs.set(bar.symbol, bar.endUs);
    this.#bars.push(bar);
  }

  finish(): Omit<BarFile, 'fingerprint'> {
    if (this.#bars.length === 0) {
      throw new AppError({
        code: 'LAKE.FILE',
        why: `${this.#options.path}: the file has no bars.`,
        fix: 'It must be a CSV file with a header and a row a bar.',
      });
    }
    return { bars: this.#bars, symbols: [...this.#lastEndUs.keys()].sort() };
  }

  #bar(record: readonly string[], line: number, mapping: ResolvedMapping): Bar {
    const { index } = mapping;
    const symbol = mapping.symbol ?? this.#text(record, line, index.symbol ?? -1);
    const stampUs = this.#time(record, line, mapping);
    const startUs = mapping.stamp === 'start' ? stampUs : stampUs - this.#lengthUs;
    const price = (at: number) =>
      this.#number(record, line, at, 'a price such as 123.45', parsePrice);
    const scale = this.#options.quantityScaleOf?.(symbol) ?? 0;
    const volume = (text: string) => parseDecimal(text, scale);
    return {
      symbol,
      timeframe: this.#options.timeframe,
      startUs: timeUs(startUs),
      endUs: timeUs(startUs + this.#lengthUs),
      revision: 0,
      openNanos: price(index.open),
      highNanos: price(index.high),
      lowNanos: price(index.low),
      closeNanos: price(index.close),
      volume: this.#number(
        record,
        line,
        index.volume,
        scale === 0 ? 'a whole number of units' : `units with at most ${scale} decimals`,
        volume,
      ),
    };
  }

  #text(record: readonly string[], line: number, at: number): string {
    const text = record[at]?.trim() ?? '';
    if (text === '') throw this.#wrongValue(line, at, text, 'a value');
    return text;
  }

  #number<T>(
    record: readonly string[],
    line: number,
    at: number,
    expected: string,
    read: (text: string) => T,
  ): T {
    const text = this.#text(record, line, at);
    try {
      return read(text);
    } catch (error) {
      if (!hasCode(error, 'NUMBER.FORMAT')) throw error;
      throw this.#wrongValue(line, at, text, expected);
    }
  }

  #time(record: readonly string[], line: number, mapping: ResolvedMapping): number {
    const at = mapping.index.time;
    const text = this.#text(record, line, at);
    if (mapping.timeFormat === 'iso') {
      const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
      const ms = zoned ? Date.parse(text) : Number.NaN;
      if (Number.isNaN(ms)) {
        throw this.#wrongValue(
          line,
          at,
          text,
          'a time such as 2026-01-05T14:30:00Z (or set timeFormat)',
        );
      }
      return ms * US_PER_MS;
    }
    const unitUs = { us: 1, ms: US_PER_MS, s: US_PER_SECOND }[mapping.timeFormat];
    const whole = /^-?\d+$/.test(text) ? Number(text) * unitUs : Number.NaN;
    if (!Number.isSafeInteger(whole)) {
      throw this.#wrongValue(
        line,
        at,
        text,
        `a whole number of ${mapping.timeFormat} since 1970, UTC`,
      );
    }
    return whole;
  }

  #wrongValue(line: number, at: number, text: string, expected: string): AppError {
    const column = this.#header[at] ?? `number ${at + 1}`;
    return this.#wrong(
      'LAKE.VALUE',
      line,
      `column '${column}' is '${text}', expected ${expected}`,
      'Correct the row or the column mapping.',
    );
  }

  #wrong(code: string, line: number, what: string, fix: string): AppError {
    return new AppError({ code, why: `${this.#options.path}, line ${line}: ${what}.`, fix });
  }
}
