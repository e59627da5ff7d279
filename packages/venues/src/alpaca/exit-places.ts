import { isExit, type OrderTerms, type VenueExit } from '@capstan/domain';
import type { Amounts } from './amounts.ts';
import { areFellows, exitTerms, hasExits, isOfGroup } from './exit-legs.ts';
import { ownIdOf, stateOf } from './order-words.ts';
import type { OrderRow } from './rows.ts';

/** Whose an order is. */
export type Place =
  | { readonly kind: 'own'; readonly orderId: string; readonly exit?: VenueExit }
  | { readonly kind: 'others'; readonly orderId: string }
  /** Nothing is told of it until that is known, or its turn has come. */
  | { readonly kind: 'waits'; readonly want?: StoryWant };

/** What must be found out before all can be told. */
export type StoryWant =
  /** On which order another hangs. */
  | { readonly kind: 'family'; readonly id: string; readonly row: OrderRow }
  /** An order of Alpaca's on which another hangs. */
  | { readonly kind: 'order'; readonly id: string }
  /** What an order of ours was sent as, by our id. */
  | { readonly kind: 'terms'; readonly id: string }
  /** The exits of an order of Alpaca's that stands for one of ours. */
  | { readonly kind: 'exits'; readonly id: string };

/** An order of ours on which exits hang, as far as it was told. */
export interface ToldOrder {
  readonly accepted: boolean;
  readonly ended: boolean;
  readonly links: readonly { readonly row: OrderRow }[];
}

/** What was told by then. */
export interface ToldView {
  /** By Alpaca's id. */
  link(venueOrderId: string): { readonly isOurs: boolean; readonly orderId: string } | undefined;
  /** By our id. */
  told(orderId: string): ToldOrder | undefined;
  waits(venueOrderId: string): boolean;
}

/** Finds out whose an order of Alpaca's is: by its client id, by what it replaces, and of exits by the order on which they hang. */
export class ExitPlaces {
  readonly #amounts: Amounts;
  readonly #view: ToldView;
  /** On which order an exit hangs, both by Alpaca's ids. */
  readonly #parents = new Map<string, string>();
  /** Orders that hang on no other, as far as that had to be found out. */
  readonly #heads = new Set<string>();
  /** Exits that were told before, by Alpaca's id. */
  readonly #knownExits = new Map<string, string>();
  /** Of orders with exits, and of exits. */
  readonly #terms = new Map<string, OrderTerms>();
  /** Orders of ours of which nobody has the terms. */
  readonly #nameless = new Set<string>();

  constructor(amounts: Amounts, view: ToldView) {
    this.#amounts = amounts;
    this.#view = view;
  }

  /** Notes the exits that a row shows. @returns them. */
  note(row: OrderRow): readonly OrderRow[] {
    const legs = hasExits(row) ? (row.legs ?? []) : [];
    for (const leg of legs) this.#parents.set(leg.id, row.id);
    return legs;
  }

  noteHead(venueOrderId: string): void {
    this.#heads.add(venueOrderId);
  }

  /** Notes an order of ours; one that is an exit by Alpaca's id too. */
  know(terms: OrderTerms, venueOrderId?: string): void {
    this.#terms.set(terms.orderId, terms);
    if (isExit(terms) && venueOrderId !== undefined) {
      this.#knownExits.set(venueOrderId, terms.orderId);
    }
  }

  /** Notes that nobody has the terms of an order. */
  miss(orderId: string): void {
    this.#nameless.add(orderId);
  }

  /** Lets go of an order of ours. */
  drop(orderId: string): void {
    this.#terms.delete(orderId);
    this.#nameless.delete(orderId);
  }

  placeOf(row: OrderRow): Place {
    const known = this.#knownExits.get(row.id);
    if (known !== undefined) return { kind: 'own', orderId: known };
    const parentId = this.#parents.get(row.id);
    if (parentId !== undefined) return this.#placeOfExit(row, parentId);
    const before = row.replaces == null ? undefined : this.#view.link(row.replaces);
    if (before !== undefined) {
      return { kind: before.isOurs ? 'own' : 'others', orderId: before.orderId };
    }
    if (row.replaces != null && this.#view.waits(row.replaces)) return { kind: 'waits' };
    const own = ownIdOf(row.client_order_id);
    if (own !== undefined) return { kind: 'own', orderId: own.orderId };
    if (!isOfGroup(row) || hasExits(row) || this.#heads.has(row.id)) {
      return { kind: 'others', orderId: row.client_order_id };
    }
    return { kind: 'waits', want: { kind: 'family', id: row.id, row } };
  }

  #placeOfExit(row: OrderRow, parentId: string): Place {
    const parent = this.#view.link(parentId);
    if (parent === undefined) {
      if (this.#view.waits(parentId)) return { kind: 'waits' };
      return { kind: 'waits', want: { kind: 'order', id: parentId } };
    }
    const { orderId, isOurs } = parent;
    if (!isOurs || this.#nameless.has(orderId)) {
      return { kind: 'others', orderId: row.client_order_id };
    }
    const told = this.#view.told(orderId);
    if (told === undefined || !isDue(row, told)) return { kind: 'waits' };
    const of = this.#terms.get(orderId);
    if (of === undefined) return { kind: 'waits', want: { kind: 'terms', id: orderId } };
    const terms = exitTerms(of, row, this.#amounts);
    return { kind: 'own', orderId: terms.orderId, exit: { parentOrderId: orderId, terms } };
  }

  /** Tells whether an order of ours may have exits that were not shown. */
  isUnopened({ links }: ToldOrder): boolean {
    const [first, last] = [links[0]?.row, links.at(-1)?.row];
    if (first === undefined || last === undefined || !isOfGroup(last)) return false;
    // An exit has a client id that Alpaca drew.
    if (ownIdOf(first.client_order_id) === undefined) return false;
    const shown = new Set(this.#parents.values());
    if (links.some(({ row }) => shown.has(row.id))) return false;
    return stateOf(last) === 'working' || stateOf(last) === 'filled';
  }

  /** Returns the orders of which one's end ends another, which is an exit. */
  fellowsOf(orderId: string): readonly string[] {
    const terms = this.#terms.get(orderId);
    if (terms === undefined || !isExit(terms)) return [];
    return [...this.#terms.values()]
      .filter((one) => areFellows(one, terms))
      .map((one) => one.orderId);
  }

  /** Tells whether an order is an exit of another that is there still. */
  hangs(venueOrderId: string): boolean {
    const parentId = this.#parents.get(venueOrderId);
    return parentId !== undefined && this.#view.link(parentId) !== undefined;
  }

  /** Lets go of what nothing hangs on any more. @param isThere tells whether an order of Alpaca's is kept. */
  forget(isThere: (venueOrderId: string) => boolean): void {
    for (const [id, parentId] of this.#parents) {
      if (!isThere(id) && !isThere(parentId)) this.#parents.delete(id);
    }
    for (const id of this.#heads) if (!isThere(id)) this.#heads.delete(id);
    for (const id of this.#knownExits.keys()) {
      const orderId = this.#knownExits.get(id) ?? '';
      if (!isThere(id) && !this.#terms.has(orderId)) this.#knownExits.delete(id);
    }
  }
}

/** Tells whether an exit works, or may have: before that nothing is told of it, and of one that ends so nothing ever is. */
function isDue(row: OrderRow, { accepted, ended, links }: ToldOrder): boolean {
  if (row.order_class === 'oco') return accepted;
  if (!ended) return false;
  const last = links.at(-1);
  if (last !== undefined && stateOf(last.row) === 'filled') return true;
  const isFilled = row.filled_qty != null && Number(row.filled_qty) > 0;
  return isFilled || (stateOf(row) === 'working' && row.status !== 'held');
}
