import { assert, type OrderTerms } from '@capstan/domain';
import {
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  type OrderCause,
  type OrderColumns,
  type OrderEnd,
  TIME_IN_FORCE_CODES,
} from './order-columns.ts';

const FIRST_CAPACITY = 64;

/** Where an order was decided. */
export interface OrderPlace {
  readonly slice: number;
  readonly row: number;
  readonly symbolIndex: number;
  /** Row of the entry that a protective order belongs to; -1 for all others. */
  readonly parent: number;
  readonly cause: OrderCause;
}

/** Orders as they are written down, row by row. */
export class OrderRows {
  #count = 0;
  #columns = emptyOrders(FIRST_CAPACITY);

  /** Writes down an order that works from now on. @returns its row. */
  push(terms: OrderTerms, place: OrderPlace): number {
    const at = this.#count;
    if (at === this.#columns.slice.length) this.#columns = grownOrders(this.#columns, 2 * at);
    const to = this.#columns;
    to.slice[at] = place.slice;
    to.row[at] = place.row;
    to.symbolIndex[at] = place.symbolIndex;
    to.side[at] = terms.side === 'buy' ? 1 : -1;
    to.quantity[at] = terms.quantity;
    to.type[at] = ORDER_TYPE_CODES.indexOf(terms.type);
    to.limitPriceNanos[at] = terms.limitPriceNanos ?? Number.NaN;
    to.stopPriceNanos[at] = terms.stopPriceNanos ?? Number.NaN;
    to.timeInForce[at] = TIME_IN_FORCE_CODES.indexOf(terms.timeInForce);
    to.reducing[at] = terms.reducing ? 1 : 0;
    to.leg[at] = terms.leg;
    to.parent[at] = place.parent;
    to.cause[at] = ORDER_CAUSES.indexOf(place.cause);
    to.state[at] = ORDER_ENDS.indexOf('working');
    to.endUs[at] = Number.NaN;
    this.#count += 1;
    return at;
  }

  /** Adds a fill to an order. @returns what is filled of it by now. */
  fill(order: number, quantity: number): number {
    const filled = (this.#columns.filledQuantity[order] ?? 0) + quantity;
    this.#columns.filledQuantity[order] = filled;
    return filled;
  }

  /** Writes down an order's end. */
  end(order: number, end: OrderEnd, atUs: number): void {
    assert(order < this.#count, `there is no order ${order}`);
    this.#columns.state[order] = ORDER_ENDS.indexOf(end);
    this.#columns.endUs[order] = atUs;
  }

  /** Returns the columns; what is written afterwards may or may not show. */
  columns(): OrderColumns {
    return { ...this.#columns, count: this.#count };
  }
}

type Columns = Omit<OrderColumns, 'count'>;

/** Returns order columns of so many rows, all of them zero. */
export function emptyOrders(capacity: number): Columns {
  return {
    slice: new Int32Array(capacity),
    row: new Int32Array(capacity),
    symbolIndex: new Uint16Array(capacity),
    side: new Int8Array(capacity),
    quantity: new Float64Array(capacity),
    type: new Uint8Array(capacity),
    limitPriceNanos: new Float64Array(capacity),
    stopPriceNanos: new Float64Array(capacity),
    timeInForce: new Uint8Array(capacity),
    reducing: new Uint8Array(capacity),
    leg: new Uint8Array(capacity),
    parent: new Int32Array(capacity),
    cause: new Uint8Array(capacity),
    state: new Uint8Array(capacity),
    filledQuantity: new Float64Array(capacity),
    endUs: new Float64Array(capacity),
  };
}

function grownOrders(from: Columns, capacity: number): Columns {
  const to = emptyOrders(capacity);
  for (const name of Object.keys(from) as (keyof Columns)[]) to[name].set(from[name]);
  return to;
}
