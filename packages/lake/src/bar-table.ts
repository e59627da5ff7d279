import { assert } from '@capstan/domain';
import type { LakeBars } from './lake-bars.ts';

/** The numbers of a row as a file gave them. */
export interface TableRow {
  readonly stampUs: number;
  readonly openNanos: number;
  readonly highNanos: number;
  readonly lowNanos: number;
  readonly closeNanos: number;
  readonly volume: number;
}

const FIRST_ROWS = 1_024;
const FIELDS = ['stampUs', 'openNanos', 'highNanos', 'lowNanos', 'closeNanos', 'volume'] as const;

/**
 * The rows of one symbol as they stand in a file, in its order, before anything is judged. Columns grow as rows come;
 * only the first `rows` of each are rows.
 */
export class BarTable {
  readonly symbol: string;
  /** Decimals of the volumes. */
  readonly quantityScale: number;
  rows = 0;
  /** The time of the row as the file writes it, in UTC microseconds. */
  stampUs: Float64Array = new Float64Array(FIRST_ROWS);
  openNanos: Float64Array = new Float64Array(FIRST_ROWS);
  highNanos: Float64Array = new Float64Array(FIRST_ROWS);
  lowNanos: Float64Array = new Float64Array(FIRST_ROWS);
  closeNanos: Float64Array = new Float64Array(FIRST_ROWS);
  volume: Float64Array = new Float64Array(FIRST_ROWS);
  /** The line of a text file, or the row of another, from 1. */
  line: Float64Array = new Float64Array(FIRST_ROWS);
  /** Lines whose prices and volume are all empty: the source says that it has no bar. */
  readonly emptyLines: number[] = [];
  /** Lines of which a price had more than nine decimals, and was rounded to the nearest nano. */
  readonly roundedLines: number[] = [];

  /** Ends of the bars where they are known, by row; the stamps are then their starts. */
  spanEndUs: Float64Array | undefined;

  constructor(symbol: string, quantityScale: number) {
    this.symbol = symbol;
    this.quantityScale = quantityScale;
  }

  /** Returns bars as a table, so that they can be judged like a file's rows. No copy. */
  static of(symbol: string, quantityScale: number, bars: LakeBars): BarTable {
    const table = new BarTable(symbol, quantityScale);
    table.rows = bars.startUs.length;
    table.stampUs = bars.startUs;
    table.spanEndUs = bars.endUs;
    table.openNanos = bars.openNanos;
    table.highNanos = bars.highNanos;
    table.lowNanos = bars.lowNanos;
    table.closeNanos = bars.closeNanos;
    table.volume = bars.volume;
    table.line = new Float64Array(table.rows);
    return table;
  }

  /** @param endUs the end of the bar, where the file says it: in every row of the table, or in none. */
  push(row: TableRow, line: number, endUs?: number): void {
    if (this.rows === this.stampUs.length) this.#grow(this.rows * 2);
    const at = this.rows;
    if (endUs !== undefined) {
      this.spanEndUs ??= new Float64Array(this.stampUs.length);
      this.spanEndUs[at] = endUs;
    }
    this.stampUs[at] = row.stampUs;
    this.openNanos[at] = row.openNanos;
    this.highNanos[at] = row.highNanos;
    this.lowNanos[at] = row.lowNanos;
    this.closeNanos[at] = row.closeNanos;
    this.volume[at] = row.volume;
    this.line[at] = line;
    this.rows += 1;
  }

  #grow(length: number): void {
    assert(length > this.rows, 'a table grows');
    for (const field of [...FIELDS, 'line'] as const) {
      const grown = new Float64Array(length);
      grown.set(this[field]);
      this[field] = grown;
    }
    if (this.spanEndUs === undefined) return;
    const ends = new Float64Array(length);
    ends.set(this.spanEndUs);
    this.spanEndUs = ends;
  }
}

/** Thrown away with the file: rows of a symbol that nobody asked for. */
export type TableOf = (symbol: string) => BarTable | undefined;
