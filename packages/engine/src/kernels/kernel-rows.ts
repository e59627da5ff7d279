import { emptyFills } from '../run/fill-rows.ts';
import {
  type FillColumns,
  LEGS,
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  type OrderColumns,
  type OrderEnd,
  TIME_IN_FORCE_CODES,
} from '../run/order-columns.ts';
import { emptyOrders } from '../run/order-rows.ts';

const MARKET = ORDER_TYPE_CODES.indexOf('market');
const STOP = ORDER_TYPE_CODES.indexOf('stop');
const LIMIT = ORDER_TYPE_CODES.indexOf('limit');
const DAY = TIME_IN_FORCE_CODES.indexOf('day');
const GTC = TIME_IN_FORCE_CODES.indexOf('gtc');
const BY_SIGNAL = ORDER_CAUSES.indexOf('signal');
const BY_PROTECTION = ORDER_CAUSES.indexOf('protection');
const WORKING = ORDER_ENDS.indexOf('working');
const FILLED = ORDER_ENDS.indexOf('filled');
const END_CODES = {
  cancelled: ORDER_ENDS.indexOf('cancelled'),
  expired: ORDER_ENDS.indexOf('expired'),
} as const satisfies Partial<Record<OrderEnd, number>>;

/** Where an order is decided. */
export interface KernelPlace {
  readonly slice: number;
  readonly row: number;
  readonly symbolIndex: number;
}

/** What every order has. */
interface OrderTermsOfKernel {
  readonly side: 1 | -1;
  readonly quantity: number;
  readonly reducing: boolean;
}

/** The orders and fills of a run in columns whose length is known before it begins. */
export class KernelRows {
  readonly #orders: Omit<OrderColumns, 'count'>;
  readonly #fills: Omit<FillColumns, 'count'>;
  #orderCount = 0;
  #fillCount = 0;

  constructor(capacity: { readonly orders: number; readonly fills: number }) {
    this.#orders = emptyOrders(capacity.orders);
    this.#fills = emptyFills(capacity.fills);
  }

  /** Writes a market order for the day down. @returns its row. */
  addMarket(place: KernelPlace, terms: OrderTermsOfKernel): number {
    const at = this.#add(place, terms);
    const to = this.#orders;
    to.type[at] = MARKET;
    to.timeInForce[at] = DAY;
    to.parent[at] = -1;
    to.cause[at] = BY_SIGNAL;
    to.leg[at] = LEGS.entry;
    return at;
  }

  /** Writes a protective order down. @returns its row. */
  addExit(
    place: KernelPlace,
    terms: OrderTermsOfKernel,
    exit: { readonly parent: number; readonly leg: 'stop' | 'target'; readonly priceNanos: number },
  ): number {
    const at = this.#add(place, terms);
    const to = this.#orders;
    const isStop = exit.leg === 'stop';
    to.type[at] = isStop ? STOP : LIMIT;
    (isStop ? to.stopPriceNanos : to.limitPriceNanos)[at] = exit.priceNanos;
    to.timeInForce[at] = GTC;
    to.parent[at] = exit.parent;
    to.cause[at] = BY_PROTECTION;
    to.leg[at] = LEGS[exit.leg];
    return at;
  }

  /** Writes an order's end down. */
  end(order: number, end: keyof typeof END_CODES, atUs: number): void {
    this.#orders.state[order] = END_CODES[end];
    this.#orders.endUs[order] = atUs;
  }

  /** Returns what an order is for. */
  quantityOf(order: number): number {
    return this.#orders.quantity[order] as number;
  }

  /** Returns on which side an order is. */
  sideOf(order: number): 1 | -1 {
    return this.#orders.side[order] === 1 ? 1 : -1;
  }

  /** Writes down that an order is filled whole. */
  fill(
    order: number,
    place: KernelPlace,
    fill: { readonly priceNanos: number; readonly feeMicros: number; readonly eventAtUs: number },
  ): void {
    const at = this.#fillCount;
    const to = this.#fills;
    const quantity = this.#orders.quantity[order] as number;
    to.slice[at] = place.slice;
    to.row[at] = place.row;
    to.symbolIndex[at] = place.symbolIndex;
    to.order[at] = order;
    to.side[at] = this.#orders.side[order] as number;
    to.quantity[at] = quantity;
    to.priceNanos[at] = fill.priceNanos;
    to.feeMicros[at] = fill.feeMicros;
    to.eventAtUs[at] = fill.eventAtUs;
    this.#fillCount = at + 1;
    this.#orders.filledQuantity[order] = quantity;
    this.#orders.state[order] = FILLED;
    this.#orders.endUs[order] = fill.eventAtUs;
  }

  orders(): OrderColumns {
    return { ...this.#orders, count: this.#orderCount };
  }

  fills(): FillColumns {
    return { ...this.#fills, count: this.#fillCount };
  }

  #add(place: KernelPlace, { side, quantity, reducing }: OrderTermsOfKernel): number {
    const at = this.#orderCount;
    const to = this.#orders;
    to.slice[at] = place.slice;
    to.row[at] = place.row;
    to.symbolIndex[at] = place.symbolIndex;
    to.side[at] = side;
    to.quantity[at] = quantity;
    to.limitPriceNanos[at] = Number.NaN;
    to.stopPriceNanos[at] = Number.NaN;
    to.reducing[at] = reducing ? 1 : 0;
    to.state[at] = WORKING;
    to.endUs[at] = Number.NaN;
    this.#orderCount = at + 1;
    return at;
  }
}
