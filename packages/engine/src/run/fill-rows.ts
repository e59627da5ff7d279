import type { FillColumns } from './order-columns.ts';

const FIRST_CAPACITY = 64;

/** A fill as it is written down. */
export interface FillRow {
  readonly slice: number;
  readonly row: number;
  readonly symbolIndex: number;
  readonly order: number;
  readonly side: 1 | -1;
  readonly quantity: number;
  readonly priceNanos: number;
  readonly feeMicros: number;
  readonly eventAtUs: number;
}

/** Fills as they are written down, row by row. */
export class FillRows {
  #count = 0;
  #columns = emptyFills(FIRST_CAPACITY);

  push(fill: FillRow): void {
    const at = this.#count;
    if (at === this.#columns.slice.length) this.#columns = grownFills(this.#columns, 2 * at);
    const to = this.#columns;
    to.slice[at] = fill.slice;
    to.row[at] = fill.row;
    to.symbolIndex[at] = fill.symbolIndex;
    to.order[at] = fill.order;
    to.side[at] = fill.side;
    to.quantity[at] = fill.quantity;
    to.priceNanos[at] = fill.priceNanos;
    to.feeMicros[at] = fill.feeMicros;
    to.eventAtUs[at] = fill.eventAtUs;
    this.#count += 1;
  }

  /** Returns the columns; what is written afterwards may or may not show. */
  columns(): FillColumns {
    return { ...this.#columns, count: this.#count };
  }
}

type Columns = Omit<FillColumns, 'count'>;

/** Returns fill columns of so many rows, all of them zero. */
export function emptyFills(capacity: number): Columns {
  return {
    slice: new Int32Array(capacity),
    row: new Int32Array(capacity),
    symbolIndex: new Uint16Array(capacity),
    order: new Int32Array(capacity),
    side: new Int8Array(capacity),
    quantity: new Float64Array(capacity),
    priceNanos: new Float64Array(capacity),
    feeMicros: new Float64Array(capacity),
    eventAtUs: new Float64Array(capacity),
  };
}

function grownFills(from: Columns, capacity: number): Columns {
  const to = emptyFills(capacity);
  for (const name of Object.keys(from) as (keyof Columns)[]) to[name].set(from[name]);
  return to;
}
