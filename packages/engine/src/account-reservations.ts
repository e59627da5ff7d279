import {
  assert,
  isTerminal,
  type Order,
  type OrderSide,
  type OrderTerms,
  openQuantity,
  type PriceNanos,
  type Quantity,
  quantity,
  ZERO_QUANTITY,
} from '@capstan/domain';
import type { ApprovedOrder } from '@capstan/risk';

/** Exposure promised to an order and not yet filled. `openQuantity` 0 closes it. */
export interface Reservation {
  readonly orderId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** From 0, at the instrument's scale. */
  readonly openQuantity: Quantity;
  /** The price at which it counts. */
  readonly priceNanos: PriceNanos;
  readonly reducing: boolean;
}

/** What the rows of open reservations do not say. Plain data, safe for JSON. */
export interface ReservationState {
  /** Open ones that some fill was applied to, or whose order has ended while fills of it are missing; by order id. */
  readonly partly: readonly {
    readonly orderId: string;
    readonly appliedQuantity: Quantity;
    readonly ended: boolean;
  }[];
  /** Orders that applied fills have closed, while the word of their end is missing; sorted. */
  readonly filled: readonly string[];
  /** Open ones of orders that rest; sorted, absent where there are none. */
  readonly resting?: readonly string[];
}

/** Tells whether an order may work for long without being filled: at a price, or at an open that is to come. */
export const rests = ({ type, timeInForce }: Pick<OrderTerms, 'type' | 'timeInForce'>): boolean =>
  type !== 'market' || timeInForce === 'onOpen';

interface Entry {
  readonly reservation: Reservation;
  /** Sum of the applied fills of the order. */
  readonly appliedQuantity: number;
  /** The order has ended: only fills that are still missing keep it open. */
  readonly ended: boolean;
}

/**
 * The open reservations of an account. One shrinks only by an applied fill or by the end of its order, and at the end it
 * keeps what the order has filled beyond the fills applied: whichever of the two comes late, exposure is counted at least once.
 */
export class Reservations {
  readonly #open = new Map<string, Entry>();
  readonly #filled = new Set<string>();
  readonly #resting = new Set<string>();
  #changed = new Map<string, Reservation>();

  /** Restores what rows and state held. */
  static restore(rows: readonly Reservation[], state: ReservationState): Reservations {
    const restored = new Reservations();
    const partly = new Map(state.partly.map((one) => [one.orderId, one]));
    for (const reservation of rows) {
      const known = partly.get(reservation.orderId);
      restored.#open.set(reservation.orderId, {
        reservation,
        appliedQuantity: known?.appliedQuantity ?? 0,
        ended: known?.ended ?? false,
      });
    }
    for (const orderId of state.filled) restored.#filled.add(orderId);
    for (const orderId of state.resting ?? []) restored.#resting.add(orderId);
    return restored;
  }

  /** Opens the reservation of an order. @throws InvariantError when it has one or it is empty. */
  reserve(reservation: Reservation, terms: Pick<OrderTerms, 'type' | 'timeInForce'>): void {
    const { orderId } = reservation;
    assert(reservation.openQuantity > 0, `reservation of ${orderId} is empty`);
    assert(!this.#open.has(orderId), `order ${orderId} has a reservation`);
    assert(!this.#filled.has(orderId), `order ${orderId} is filled`);
    if (rests(terms)) this.#resting.add(orderId);
    this.#write({ reservation, appliedQuantity: 0, ended: false });
  }

  /** Gives a part of what an order has reserved, of which nothing is filled, to one that it was divided into. */
  divide(orderId: string, rest: ApprovedOrder): void {
    const entry = this.#open.get(orderId);
    assert(entry !== undefined, `order ${orderId} has no reservation to divide`);
    const { openQuantity, priceNanos } = entry.reservation;
    assert(openQuantity > rest.quantity, `order ${orderId} would be divided into nothing`);
    this.#write({
      ...entry,
      reservation: withOpen(entry.reservation, openQuantity - rest.quantity),
    });
    this.reserve(reservationOf(rest, priceNanos), rest);
  }

  /**
   * Applies a change of what an order has filled.
   * @param change positive for a fill, negative for what a bust or a correction takes back.
   */
  applyFilled(orderId: string, change: number): void {
    const entry = this.#open.get(orderId);
    if (entry === undefined || (entry.ended && change < 0)) return;
    const open = Math.max(0, entry.reservation.openQuantity - change);
    const appliedQuantity = entry.appliedQuantity + change;
    if (open === 0 && !entry.ended) this.#filled.add(orderId);
    this.#write({ ...entry, appliedQuantity, reservation: withOpen(entry.reservation, open) });
  }

  /**
   * Applies the word on an order. Its end releases what will not fill; everything else, UNKNOWN included, keeps the
   * reservation. A working order that none was made for, such as one that execution sent to flatten, gets one.
   */
  applyOrder(order: Order, priceNanos: PriceNanos): void {
    const { orderId } = order;
    if (!isTerminal(order.state)) {
      const known = this.#open.get(orderId);
      if (known !== undefined) this.#revise(known, order, priceNanos);
      else if (!this.#filled.has(orderId)) this.#adopt(order, priceNanos);
      return;
    }
    this.#filled.delete(orderId);
    const entry = this.#open.get(orderId);
    if (entry === undefined || entry.ended) return;
    const missing = Math.max(0, order.filledQuantity - entry.appliedQuantity);
    const open = Math.min(entry.reservation.openQuantity, missing);
    this.#write({ ...entry, ended: true, reservation: withOpen(entry.reservation, open) });
  }

  /** Restates an open reservation for a split of its symbol: what is open, and the price at which it counts. */
  restate(orderId: string, openQuantity: Quantity, at: (price: PriceNanos) => PriceNanos): void {
    const entry = this.#open.get(orderId);
    if (entry === undefined) return;
    const priceNanos = at(entry.reservation.priceNanos);
    this.#write({ ...entry, reservation: { ...entry.reservation, openQuantity, priceNanos } });
  }

  /** Returns the open reservations, in the order in which they were made. */
  open(): readonly Reservation[] {
    return [...this.#open.values()].map((entry) => entry.reservation);
  }

  /** Returns what a bot has out in a symbol, in the order in which it was reserved. */
  of(botId: string, symbol: string): readonly Reservation[] {
    const found: Reservation[] = [];
    for (const { reservation } of this.#open.values()) {
      if (reservation.botId === botId && reservation.symbol === symbol) found.push(reservation);
    }
    return found;
  }

  /** Tells whether an order that is out may work for long without being filled. */
  rests(orderId: string): boolean {
    return this.#resting.has(orderId);
  }

  /** Tells whether fills of an order, or the word of its end, may still come. */
  isOut(orderId: string): boolean {
    return this.#open.has(orderId) || this.#filled.has(orderId);
  }

  /** Returns the reservations that changed since the last call, sorted by order. */
  takeChanges(): readonly Reservation[] {
    const changed = [...this.#changed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    this.#changed = new Map();
    return changed;
  }

  /** Returns what the rows do not say. */
  state(): ReservationState {
    const partly = [...this.#open]
      .filter(([, entry]) => entry.appliedQuantity !== 0 || entry.ended)
      .map(([orderId, { appliedQuantity, ended }]) => ({
        orderId,
        appliedQuantity: quantity(appliedQuantity),
        ended,
      }))
      .sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
    const resting = this.#resting.size === 0 ? {} : { resting: [...this.#resting].sort() };
    return { partly, filled: [...this.#filled].sort(), ...resting };
  }

  /** An order that the venue has replaced, or restated for a split, keeps what its new terms may still fill. */
  #revise(entry: Entry, order: Order, priceNanos: PriceNanos): void {
    if (order.replaces === undefined || order.replaces.asked !== undefined || entry.ended) return;
    const open = quantity(Math.max(0, order.quantity - entry.appliedQuantity));
    if (open === 0 || open === entry.reservation.openQuantity) return;
    this.#write({
      ...entry,
      reservation: { ...entry.reservation, openQuantity: open, priceNanos },
    });
  }

  #adopt(order: Order, priceNanos: PriceNanos): void {
    const open = openQuantity(order);
    if (open === 0) return;
    const { orderId, accountId, botId, symbol, side, reducing, filledQuantity } = order;
    if (rests(order)) this.#resting.add(orderId);
    this.#write({
      reservation: {
        orderId,
        accountId,
        botId,
        symbol,
        side,
        openQuantity: open,
        priceNanos,
        reducing,
      },
      appliedQuantity: filledQuantity,
      ended: false,
    });
  }

  #write(entry: Entry): void {
    const { orderId, openQuantity: open } = entry.reservation;
    if (open > 0) this.#open.set(orderId, entry);
    else {
      this.#open.delete(orderId);
      this.#resting.delete(orderId);
    }
    this.#changed.set(orderId, entry.reservation);
  }
}

function withOpen(reservation: Reservation, open: number): Reservation {
  return { ...reservation, openQuantity: open === 0 ? ZERO_QUANTITY : quantity(open) };
}

/** What an approved order reserves. @param price at which it counts. */
export function reservationOf(order: ApprovedOrder, price: PriceNanos): Reservation {
  return {
    orderId: order.orderId,
    accountId: order.accountId,
    botId: order.botId,
    symbol: order.symbol,
    side: order.side,
    openQuantity: order.quantity,
    priceNanos: price,
    reducing: order.reducing,
  };
}
