import { turnsModule, WORD_ROWS } from './turns-program.ts';
import { wasmExports } from './wasm-platform.ts';

/** Columns of the rules of a sweep, with a row for each bar. */
export interface TurnColumns {
  readonly fast: Float64Array;
  readonly slow: Float64Array;
}

/** Finds the rows at which one column comes to be above another or ceases to be. */
export interface TurnFinder {
  /** Of the columns that it takes. */
  readonly columnRows: number;
  /** What the last call found: the row from which it is above, that from which it is below, and so on. */
  readonly rows: Int32Array;
  /** Returns a column of so many rows, of any content, that it need not copy. */
  allocate(rows: number): Float64Array;
  /**
   * Looks for turns from a row on, before which it is not above. Ties and rows without a value change nothing.
   * @returns how many there are.
   */
  find(columns: TurnColumns, from: number): number;
}

/** Returns the quickest finder that this machine has for columns of so many rows. */
export function turnFinder(rows: number): TurnFinder {
  return VectorTurns.on(rows) ?? new PlainTurns(rows);
}

/** One row after the other: for machines without vectors, and to hold the other finder to. */
export class PlainTurns implements TurnFinder {
  readonly columnRows: number;
  readonly rows: Int32Array;

  constructor(rows: number) {
    this.columnRows = rows;
    this.rows = new Int32Array(rows);
  }

  allocate(rows: number): Float64Array {
    return new Float64Array(rows);
  }

  find({ fast, slow }: TurnColumns, from: number): number {
    let count = 0;
    for (let row = from; row < fast.length; ) {
      row = firstBelow(slow, fast, row);
      if (row < fast.length) this.rows[count++] = row;
      row = firstBelow(fast, slow, row);
      if (row < fast.length) this.rows[count++] = row;
    }
    return count;
  }
}

/** Returns the first row from `from` on at which a column is below another; the length where there is none. */
export function firstBelow(low: Float64Array, high: Float64Array, from: number): number {
  const rows = low.length;
  let row = from;
  while (row < rows && !((low[row] as number) < (high[row] as number))) row += 1;
  return row;
}

/** Memory for copies of columns; those that were not asked for the longest make room. */
const COPIES_BYTES_MAX = 48 * 1024 * 1024;
const COPIES_MAX = 256;
const PAGE_BYTES = 65_536;
const ROW_BYTES = Float64Array.BYTES_PER_ELEMENT;
const TURN_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** A rule compares two columns, which must be there at once. */
const COPIES_MIN = 2;

interface TurnsExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  turns(fast: number, slow: number, from: number, words: number, out: number): number;
}

/** Sixty-four rows at a time, by the vectors of WebAssembly, over copies of the columns in its memory. */
export class VectorTurns implements TurnFinder {
  readonly columnRows: number;
  readonly rows: Int32Array;
  readonly #exports: TurnsExports;
  readonly #words: number;
  readonly #bytes: Float64Array;
  readonly #paddedRows: number;
  readonly #copiesAt: number;
  /** Copies that there is room for: what is allocated lies beyond. */
  #most: number;
  /** The place of each column that is there, the one that was asked for last at the end. */
  readonly #copies = new Map<Float64Array, number>();

  /** Returns a finder, or `undefined` where WebAssembly has no vectors or not the memory. */
  static on(rows: number): VectorTurns | undefined {
    const exports = wasmExports<TurnsExports>(turnsModule());
    try {
      return exports === undefined ? undefined : new VectorTurns(exports, rows);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  private constructor(exports: TurnsExports, rows: number) {
    this.columnRows = rows;
    this.#exports = exports;
    this.#words = Math.ceil(rows / WORD_ROWS);
    this.#paddedRows = this.#words * WORD_ROWS;
    const copyBytes = Math.max(1, this.#paddedRows * ROW_BYTES);
    const fitting = Math.floor(COPIES_BYTES_MAX / copyBytes);
    this.#most = Math.min(COPIES_MAX, Math.max(COPIES_MIN, fitting));
    this.#copiesAt = this.#paddedRows * TURN_BYTES;
    const bytes = this.#copiesAt + this.#most * copyBytes;
    exports.memory.grow(Math.ceil(bytes / PAGE_BYTES));
    this.rows = new Int32Array(exports.memory.buffer, 0, this.#paddedRows);
    this.#bytes = new Float64Array(exports.memory.buffer);
  }

  allocate(rows: number): Float64Array {
    const isRoom = this.#most > COPIES_MIN && this.#copies.size < this.#most;
    if (rows !== this.columnRows || !isRoom) return new Float64Array(rows);
    this.#most -= 1;
    const at = this.#placeAt(this.#most);
    this.#bytes.fill(Number.NaN, at + rows, at + this.#paddedRows);
    return this.#bytes.subarray(at, at + rows);
  }

  find({ fast, slow }: TurnColumns, from: number): number {
    const fastAt = this.#addressOf(fast);
    return this.#exports.turns(fastAt, this.#addressOf(slow), from, this.#words, 0);
  }

  #addressOf(column: Float64Array): number {
    if (column.buffer === this.#bytes.buffer) return column.byteOffset;
    let place = this.#copies.get(column);
    if (place === undefined) {
      place = this.#freePlace();
      const at = this.#placeAt(place);
      this.#bytes.set(column, at);
      this.#bytes.fill(Number.NaN, at + column.length, at + this.#paddedRows);
    } else this.#copies.delete(column);
    this.#copies.set(column, place);
    return this.#placeAt(place) * ROW_BYTES;
  }

  /** Returns the index of a place's first number. */
  #placeAt(place: number): number {
    return this.#copiesAt / ROW_BYTES + place * this.#paddedRows;
  }

  #freePlace(): number {
    if (this.#copies.size < this.#most) return this.#copies.size;
    for (const [oldest, place] of this.#copies) {
      this.#copies.delete(oldest);
      return place;
    }
    return 0;
  }
}
