import {
  type OrderRevision,
  type Quantity,
  quantity,
  type TimeUs,
  type VenueEvent,
  ZERO_CASH,
} from '@capstan/domain';
import { type Amounts, priceOf } from './amounts.ts';
import { Coverage } from './coverage.ts';
import { isOurs, stateOf } from './order-words.ts';
import type { FillRow, OrderRow, TradeUpdate } from './rows.ts';

type Told = VenueEvent extends infer Event
  ? Event extends VenueEvent
    ? Omit<Event, 'sequence' | 'accountId'>
    : never
  : never;

/** An event before it has its number. */
export type StoryEvent = Told;

/** An order of Alpaca's: one of ours, one that took the place of one of ours, or somebody else's. */
interface Link {
  row: OrderRow;
  /** The order that it stands for: our id, or somebody else's client id. */
  readonly orderId: string;
  readonly isOurs: boolean;
  /** What was told as filled of it. */
  readonly coverage: Coverage;
  /** Ids under which its executions were told, by Alpaca's own. */
  readonly told: Map<string, string>;
}

/** One of our orders through all that took its place. */
interface Thread {
  readonly links: Link[];
  accepted: boolean;
  ended: boolean;
  /** Terms that were told last, where another order took its place. */
  revision: OrderRevision | undefined;
}

/** What execution has of an order that counts as working, as a stream begins. */
export interface KnownOrder extends OrderRevision {
  readonly orderId: string;
  readonly venueOrderId?: string;
  readonly executed: Quantity;
}

/** A fill, wherever it is told. */
interface Execution {
  readonly venueOrderId: string;
  /** Alpaca's own id of it. */
  readonly uuid: string;
  readonly quantity: number;
  readonly through: number;
  readonly price: string;
  readonly atUs: TimeUs;
}

/**
 * Puts what Alpaca shows together to one story of each order, told once: rows of orders, lists of fills and messages of the stream may
 * come late, twice and in any order. An end is told only after all fills of which the order's row speaks. Of orders of somebody
 * else only trades are told.
 */
export class OrderStory {
  readonly #amounts: Amounts;
  readonly #known: ReadonlyMap<string, KnownOrder>;
  /** By Alpaca's id. */
  readonly #links = new Map<string, Link>();
  readonly #threads = new Map<string, Thread>();

  /** @param known the orders that count as working where the story is told. */
  constructor(amounts: Amounts, known: readonly KnownOrder[]) {
    this.#amounts = amounts;
    this.#known = new Map(known.map((one) => [one.orderId, one]));
  }

  /** Tells whether an order of Alpaca's has been seen. */
  knows(venueOrderId: string): boolean {
    return this.#links.has(venueOrderId);
  }

  /** Tells whether an order of Alpaca's stands for one of ours. */
  isOwn(venueOrderId: string): boolean {
    return this.#links.get(venueOrderId)?.isOurs ?? false;
  }

  /** Orders of Alpaca's that were working when they were last seen and stand for one of ours that has not ended. */
  open(): readonly string[] {
    return [...this.#threads.values()].flatMap(({ links, ended }) =>
      ended ? [] : links.filter(({ row }) => stateOf(row) === 'working').map(({ row }) => row.id),
    );
  }

  /** Tells whether an order of ours was seen, by our id. */
  has(orderId: string): boolean {
    return this.#threads.has(orderId);
  }

  /** Orders that took the place of others, or gave theirs, and have not been seen. */
  missingLinks(): readonly string[] {
    const wanted = [...this.#threads.values()].flatMap(({ links }) => {
      const next = links.at(-1)?.row.replaced_by;
      return next == null || next === '' || this.#links.has(next) ? [] : [next];
    });
    return [...new Set(wanted)];
  }

  /** Orders of ours whose rows speak of fills that were not told. */
  missingFills(): readonly string[] {
    return [...this.#links.values()]
      .filter((link) => link.isOurs && this.#isShort(link))
      .map(({ orderId }) => orderId);
  }

  /** Since when fills of ours may be missing: the first order of which some were not told was sent then. */
  missingFillsSinceUs(): TimeUs | undefined {
    const sentUs = [...this.#links.values()]
      .filter((link) => link.isOurs && this.#isShort(link))
      .map(({ row }) => this.#timeOf(row.submitted_at ?? row.created_at));
    return sentUs.length === 0 ? undefined : (Math.min(...sentUs) as TimeUs);
  }

  /**
   * Lets go of orders that were last changed before a time, so that what is kept does not grow for ever: ours that have ended, and those
   * of somebody else. Those with fills are kept while these may be listed again. What comes back is told again, under the same ids.
   */
  forget(beforeUs: number, listedFromUs: number): void {
    const isOld = (link: Link): boolean => {
      const changedUs = this.#amounts.time(link.row.updated_at ?? endOf(link.row)) ?? beforeUs;
      const isListed = link.coverage.total > 0 && changedUs >= listedFromUs;
      return changedUs < beforeUs && !isListed && !(link.isOurs && this.#isShort(link));
    };
    for (const [orderId, { links, ended }] of this.#threads) {
      if (!ended || !links.every(isOld)) continue;
      this.#threads.delete(orderId);
      for (const { row } of links) this.#links.delete(row.id);
    }
    for (const [id, link] of this.#links) if (!link.isOurs && isOld(link)) this.#links.delete(id);
  }

  /** Takes the row of an order. @returns what it says that was not told. */
  takeRow(row: OrderRow): readonly StoryEvent[] {
    const link = this.#links.get(row.id);
    if (link === undefined) return this.#begin(row);
    if (isOlder(row, link.row, this.#amounts)) return [];
    link.row = row;
    return this.#advance(link);
  }

  /** Takes a fill of an order that was seen. @returns what of it was not told. */
  takeFill(fill: FillRow): readonly StoryEvent[] {
    const { symbol, order_id, id, qty, cum_qty, price, transaction_time } = fill;
    return this.#execute({
      venueOrderId: order_id,
      uuid: id.split('::').at(-1) ?? id,
      quantity: this.#amounts.quantity(symbol, qty),
      through: this.#amounts.quantity(symbol, cum_qty),
      price,
      atUs: this.#timeOf(transaction_time),
    });
  }

  /** Takes a message of the stream. @param nowUs where it says no time. */
  takeUpdate(update: TradeUpdate, nowUs: TimeUs): readonly StoryEvent[] {
    const { event, order } = update;
    const atUs =
      update.timestamp == null ? nowUs : ((update.timestamp.getTime() * 1_000) as TimeUs);
    const began = this.#links.has(order.id) ? [] : this.#begin(order);
    const link = this.#links.get(order.id);
    if (link === undefined) return began;
    if (event === 'trade_bust' || event === 'trade_correct') {
      return [...began, ...this.#amend(link, update, atUs)];
    }
    if (event === 'order_cancel_rejected' && link.isOurs) {
      const reason = 'Alpaca could not cancel it';
      return [...began, { kind: 'cancelRejected', orderId: link.orderId, reason, eventAtUs: atUs }];
    }
    const filled = isFill(event) ? this.#fillOf(link, update, atUs) : [];
    return [...began, ...filled, ...this.takeRow(order)];
  }

  #fillOf({ row }: Link, update: TradeUpdate, atUs: TimeUs): readonly StoryEvent[] {
    const { order, execution_id, qty, price } = update;
    if (qty == null || price == null) return [];
    const symbol = row.symbol ?? '';
    return this.#execute({
      venueOrderId: row.id,
      uuid: execution_id ?? '',
      quantity: this.#amounts.quantity(symbol, qty),
      through: this.#amounts.quantity(symbol, order.filled_qty),
      price,
      atUs,
    });
  }

  #begin(row: OrderRow): readonly StoryEvent[] {
    const before = row.replaces == null ? undefined : this.#links.get(row.replaces);
    const orderId = before?.orderId ?? row.client_order_id;
    const ours = before?.isOurs ?? isOurs(orderId);
    const thread = ours ? this.#threadOf(orderId) : undefined;
    const known = this.#known.get(orderId);
    const earlier = thread?.links.reduce((sum, link) => sum + this.#filledOf(link), 0) ?? 0;
    const through = Math.max(0, Math.min((known?.executed ?? 0) - earlier, this.#filledRow(row)));
    const coverage = new Coverage(through);
    const link: Link = { row, orderId, isOurs: ours, coverage, told: new Map() };
    this.#links.set(row.id, link);
    thread?.links.push(link);
    return this.#advance(link);
  }

  #threadOf(orderId: string): Thread {
    const known = this.#known.get(orderId);
    const thread = this.#threads.get(orderId) ?? {
      links: [],
      accepted: known?.venueOrderId !== undefined,
      ended: false,
      revision: known === undefined ? undefined : revisionOf(known),
    };
    this.#threads.set(orderId, thread);
    return thread;
  }

  /** Tells what the row of one of ours says now: that it is there, by which terms, and how it ended. */
  #advance(link: Link): readonly StoryEvent[] {
    const thread = link.isOurs ? this.#threads.get(link.orderId) : undefined;
    if (thread === undefined || thread.ended) return [];
    const { row, orderId } = link;
    const events: StoryEvent[] = [];
    if (!thread.accepted && row.status !== 'rejected') {
      thread.accepted = true;
      const eventAtUs = this.#timeOf(row.submitted_at ?? row.created_at);
      events.push({ kind: 'accepted', orderId, venueOrderId: row.id, eventAtUs });
    }
    events.push(...this.#revised(thread, link), ...this.#ended(thread));
    return events;
  }

  /** Another order took the place of ours: a person's change, or a split's. */
  #revised(thread: Thread, link: Link): readonly StoryEvent[] {
    const count = thread.links.indexOf(link);
    if (count < 1 || link !== thread.links.at(-1) || isRejected(link.row)) return [];
    const before = thread.links.slice(0, count).reduce((sum, one) => sum + this.#filledOf(one), 0);
    const { row, orderId } = link;
    const own = this.#amounts.quantity(row.symbol ?? '', row.qty);
    const revision: OrderRevision = {
      quantity: quantity(own + before),
      ...(row.limit_price == null ? {} : { limitPriceNanos: priceOf(row.limit_price) }),
      ...(row.stop_price == null ? {} : { stopPriceNanos: priceOf(row.stop_price) }),
    };
    if (isSame(revision, thread.revision)) return [];
    thread.revision = revision;
    const eventAtUs = this.#timeOf(row.submitted_at ?? row.created_at);
    return [{ kind: 'replaced', orderId, count, ...revision, eventAtUs }];
  }

  #ended(thread: Thread): readonly StoryEvent[] {
    // What was to take the place of an order and was rejected leaves that as it is.
    const last = thread.links.filter(({ row }, index) => index === 0 || !isRejected(row)).at(-1);
    if (last === undefined || thread.links.some((link) => this.#isShort(link))) return [];
    const { row, orderId } = last;
    const state = stateOf(row);
    if (state === 'working' || (row.status === 'replaced' && row.replaced_by != null)) return [];
    thread.ended = true;
    const eventAtUs = this.#timeOf(endOf(row));
    if (state === 'cancelled') {
      return [{ kind: 'cancelled', orderId, reason: `Alpaca says ${row.status}`, eventAtUs }];
    }
    if (state === 'expired') return [{ kind: 'expired', orderId, eventAtUs }];
    if (state !== 'rejected') return [];
    return [{ kind: 'rejected', orderId, reason: 'Alpaca rejected it', eventAtUs }];
  }

  #execute(execution: Execution): readonly StoryEvent[] {
    const { venueOrderId, uuid, through, atUs } = execution;
    const link = this.#links.get(venueOrderId);
    if (link === undefined || execution.quantity <= 0) return [];
    const executionId = `${venueOrderId}:${through}`;
    if (uuid !== '') link.told.set(uuid, executionId);
    const fresh = link.coverage.take(through - execution.quantity, through);
    if (fresh <= 0) return [];
    const filled: StoryEvent = {
      kind: 'filled',
      orderId: link.orderId,
      executionId,
      quantity: quantity(fresh),
      priceNanos: priceOf(execution.price),
      feeMicros: ZERO_CASH,
      eventAtUs: atUs,
    };
    return [filled, ...this.#advance(link)];
  }

  /** A trade that is taken back, or told anew: by the id under which it was told. */
  #amend(link: Link, update: TradeUpdate, atUs: TimeUs): readonly StoryEvent[] {
    const executionId = link.told.get(update.execution_id ?? '');
    if (executionId === undefined) return [];
    const { orderId } = link;
    const head = { orderId, executionId, eventAtUs: atUs };
    const { qty, price } = update;
    if (update.event === 'trade_bust' || qty == null || price == null) {
      return [{ kind: 'busted', ...head }];
    }
    const amount = this.#amounts.quantity(link.row.symbol ?? '', qty);
    return [
      {
        ...{ kind: 'corrected', ...head, quantity: quantity(amount) },
        ...{ priceNanos: priceOf(price), feeMicros: ZERO_CASH },
      },
    ];
  }

  #isShort(link: Link): boolean {
    return link.coverage.total < this.#filledOf(link);
  }

  #filledOf({ row }: Link): number {
    return this.#filledRow(row);
  }

  #filledRow(row: OrderRow): number {
    return this.#amounts.quantity(row.symbol ?? '', row.filled_qty);
  }

  #timeOf(instant: string | null | undefined): TimeUs {
    return this.#amounts.time(instant) ?? (0 as TimeUs);
  }
}

const isRejected = ({ status }: OrderRow): boolean => status === 'rejected';

const isFill = (event: string): boolean => event === 'fill' || event === 'partial_fill';

const endOf = (row: OrderRow): string | null | undefined =>
  row.canceled_at ?? row.expired_at ?? row.failed_at ?? row.updated_at ?? row.submitted_at;

/** A row that was written before the one that is known says nothing new. */
function isOlder(row: OrderRow, known: OrderRow, amounts: Amounts): boolean {
  const [at, before] = [amounts.time(row.updated_at), amounts.time(known.updated_at)];
  return at !== undefined && before !== undefined && at < before;
}

function revisionOf({ quantity: amount, limitPriceNanos, stopPriceNanos }: OrderRevision) {
  return {
    quantity: amount,
    ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }),
    ...(stopPriceNanos === undefined ? {} : { stopPriceNanos }),
  };
}

const isSame = (a: OrderRevision, b: OrderRevision | undefined): boolean =>
  b !== undefined &&
  a.quantity === b.quantity &&
  a.limitPriceNanos === b.limitPriceNanos &&
  a.stopPriceNanos === b.stopPriceNanos;
