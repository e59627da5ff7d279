import { EXIT_LEGS, type OrderTerms, quantity } from '@capstan/domain';
import type { VenueOrder } from '@capstan/ports';
import type { AccountReads } from './account-reads.ts';
import type { Amounts } from './amounts.ts';
import { exitIdOf, exitLegOf, isOfGroup } from './exit-legs.ts';
import { ownIdOf, stateOf, venueOrderOf } from './order-words.ts';
import type { OrderRow } from './rows.ts';

export interface OpenOrdersPorts {
  readonly reads: AccountReads;
  readonly amounts: Amounts;
  /** The id under which one of Alpaca's orders was told as an exit of ours. */
  readonly exitId: (venueOrderId: string) => string | undefined;
  /** What an order of ours was sent as, where this process has it. */
  readonly termsOf: (orderId: string) => Promise<OrderTerms | undefined>;
}

/** An order as it stands, with where it began. */
interface Origin {
  readonly first: OrderRow;
  readonly filledBefore: number;
}

/**
 * The orders that work, exits told as what they are. Alpaca lists of a stop and a take-profit that end each other the second alone: the
 * stop is held, and works while the other does. Exits whose entry is not filled yet are no orders so far.
 */
export class OpenOrders {
  readonly #ports: OpenOrdersPorts;
  /** Orders with what hangs on them, by the ids of all of them: that never changes. */
  #families = new Map<string, OrderRow>();

  constructor(ports: OpenOrdersPorts) {
    this.#ports = ports;
  }

  async list(): Promise<readonly VenueOrder[]> {
    const rows = (await this.#ports.reads.openOrders()).filter(({ status }) => status !== 'held');
    const listed = new Set(rows.map(({ id }) => id));
    const orders: VenueOrder[] = [];
    const families = new Map<string, OrderRow>();
    for (const row of rows) {
      const origin = await this.#originOf(row);
      const head = mayHang(origin.first) ? await this.#familyOf(origin.first) : undefined;
      for (const one of head === undefined ? [] : [head, ...(head.legs ?? [])]) {
        if (head !== undefined) families.set(one.id, head);
      }
      orders.push(await this.#told(row, origin, head));
      for (const held of heldBeside(origin.first, head)) {
        if (listed.has(held.id)) continue;
        orders.push(await this.#told(held, { first: held, filledBefore: 0 }, head));
      }
    }
    this.#families = families;
    return orders;
  }

  /** Follows an order to the one whose place it took in the end. */
  async #originOf(row: OrderRow): Promise<Origin> {
    let filledBefore = 0;
    let first = row;
    while (first.replaces != null && first.replaces !== '') {
      const before = await this.#ports.reads.order(first.replaces);
      if (before === undefined) break;
      first = before;
      filledBefore += this.#ports.amounts.quantity(first.symbol ?? '', first.filled_qty);
    }
    return { first, filledBefore };
  }

  async #familyOf(row: OrderRow): Promise<OrderRow | undefined> {
    const known = this.#families.get(row.id);
    if (known !== undefined) return known;
    const { reads } = this.#ports;
    const isHead = ownIdOf(row.client_order_id) !== undefined;
    return isHead ? reads.order(row.id) : reads.familyOf(row);
  }

  async #told(row: OrderRow, { first, filledBefore }: Origin, head: OrderRow | undefined) {
    const { amounts, exitId } = this.#ports;
    const parent = head === undefined || head.id === first.id ? undefined : head;
    const parentId = parent && (await this.#originOf(parent)).first.client_order_id;
    const own = parentId === undefined ? undefined : ownIdOf(parentId);
    const leg = exitLegOf(first);
    const exitOf = own === undefined ? {} : { exitOf: { orderId: own.orderId, leg } };
    const told = exitId(first.id) ?? (own && (await this.#derivedId(own.orderId, leg)));
    const orderId = told ?? ownIdOf(first.client_order_id)?.orderId ?? first.client_order_id;
    const of = { orderId, filledBefore: quantity(filledBefore) };
    return { ...venueOrderOf(row, amounts, of), ...exitOf };
  }

  /** Where nobody has the terms the id stays the one that Alpaca drew: by that it is cancelled too. */
  async #derivedId(parentOrderId: string, leg: number): Promise<string | undefined> {
    const terms = await this.#ports.termsOf(parentOrderId);
    return terms === undefined ? undefined : exitIdOf(terms, leg);
  }
}

/** Returns the stop that is held beside a take-profit which works: of an entry that is filled, or of the take-profit itself. */
function heldBeside(row: OrderRow, head: OrderRow | undefined): readonly OrderRow[] {
  if (head === undefined) return [];
  const isPair = head.id === row.id && row.order_class === 'oco';
  const isLeg = head.id !== row.id;
  if (!isPair && !isLeg) return [];
  const stops = (head.legs ?? []).filter((leg) => exitLegOf(leg) === EXIT_LEGS.stop);
  return stops.filter((leg) => leg.id !== row.id && stateOf(leg) === 'working');
}

/** Tells whether an order hangs on another, or another that works on it. */
const mayHang = (row: OrderRow): boolean =>
  isOfGroup(row) && (row.order_class === 'oco' || ownIdOf(row.client_order_id) === undefined);
