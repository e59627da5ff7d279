import {
  type OrderRevision,
  type OrderTerms,
  quantity,
  revisionOf,
  type TimeUs,
  type VenueExit,
  ZERO_CASH,
} from '@capstan/domain';
import { type Amounts, priceOf } from './amounts.ts';
import { Coverage } from './coverage.ts';
import { isOfGroup } from './exit-legs.ts';
import { ExitPlaces, type StoryWant } from './exit-places.ts';
import { ownIdOf, stateOf } from './order-words.ts';
import { endOf, isFill, isOlder, isRejected, isSame } from './row-facts.ts';
import type { FillRow, OrderRow, TradeUpdate } from './rows.ts';
import type { KnownOrder, Link, StoryEvent, Thread } from './story-order.ts';
import { type Execution, WaitingOrders } from './waiting-orders.ts';

/**
 * Puts what Alpaca shows together to one story of each order, told once: rows of orders, lists of fills and messages of the stream may
 * come late, twice and in any order. An end is told only after all fills of which the order's row speaks. Of orders of somebody
 * else only trades are told. Exits that Alpaca makes have ids that it draws: nothing is told of one before it is known on which order it
 * hangs, and of ours not before all of its entry is.
 */
export class OrderStory {
  readonly #amounts: Amounts;
  readonly #known = new Map<string, KnownOrder>();
  /** By Alpaca's id. */
  readonly #links = new Map<string, Link>();
  readonly #threads = new Map<string, Thread>();
  readonly #waiting: WaitingOrders;
  readonly #places: ExitPlaces;
  readonly #othersFromUs: TimeUs;

  /**
   * @param known the orders that count as working where the story is told.
   * @param othersFromUs what somebody else traded before is none of this story.
   */
  constructor(amounts: Amounts, known: readonly KnownOrder[], othersFromUs = 0 as TimeUs) {
    this.#amounts = amounts;
    this.#waiting = new WaitingOrders(amounts);
    this.#places = new ExitPlaces(amounts, {
      link: (venueOrderId) => this.#links.get(venueOrderId),
      told: (orderId) => this.#threads.get(orderId),
      waits: (venueOrderId) => this.#waiting.has(venueOrderId),
    });
    this.#othersFromUs = othersFromUs;
    for (const one of known) this.recall(one);
  }

  /** Takes what is known of an order of ours that was not seen yet. */
  recall(one: KnownOrder): void {
    const { orderId, venueOrderId, terms } = one;
    if (this.#threads.has(orderId)) return;
    this.#known.set(orderId, one);
    if (terms !== undefined) this.#places.know(terms, venueOrderId);
  }

  /**
   * Takes what an order of ours was sent as, so that its exits can be told; `undefined` where nobody has it.
   * @returns what had waited for it.
   */
  learn(orderId: string, terms: OrderTerms | undefined): readonly StoryEvent[] {
    if (terms === undefined) this.#places.miss(orderId);
    else this.#places.know(terms);
    return this.#release();
  }

  /** Lets go of the terms of an order that Alpaca never had. */
  unlearn(orderId: string): void {
    if (!this.#threads.has(orderId)) this.#places.drop(orderId);
  }

  /** What must be found out, so that nothing waits. */
  wants(): readonly StoryWant[] {
    return this.#waiting.rows().flatMap((row) => {
      const place = this.#places.placeOf(row);
      return place.kind === 'waits' && place.want !== undefined ? [place.want] : [];
    });
  }

  /** Orders of ours of which the exits were not shown: a list of what is open leaves out a stop that is held. */
  unopened(): readonly StoryWant[] {
    return [...this.#threads.values()]
      .filter((thread) => this.#places.isUnopened(thread))
      .map(({ links }) => ({ kind: 'exits', id: links.at(-1)?.row.id ?? '' }));
  }

  /** Tells whether an order of Alpaca's has been seen. */
  knows(venueOrderId: string): boolean {
    return this.#links.has(venueOrderId) || this.#waiting.has(venueOrderId);
  }

  /** Returns the order of ours for which one of Alpaca's stands. */
  orderIdOf(venueOrderId: string): string | undefined {
    const link = this.#links.get(venueOrderId);
    return link?.isOurs ? link.orderId : undefined;
  }

  /** Tells whether an order is known as somebody else's. */
  isOthers(venueOrderId: string): boolean {
    return this.#links.get(venueOrderId)?.isOurs === false;
  }

  /** Tells whether an order of Alpaca's stands for one of ours. */
  isOwn(venueOrderId: string): boolean {
    return this.#links.get(venueOrderId)?.isOurs ?? false;
  }

  /**
   * Orders of Alpaca's that were working when they were last seen and stand for one of ours that has not ended.
   * @param listed those among what Alpaca lists as open. It does not list a stop that is held beside a take-profit: it works while that does.
   */
  open(listed: ReadonlySet<string> = new Set()): readonly string[] {
    return [...this.#threads.values()].flatMap(({ links, ended }) =>
      ended
        ? []
        : links
            .filter(({ row }) => stateOf(row) === 'working' && !listed.has(row.id))
            .filter((link) => !this.#isKept(link, listed))
            .map(({ row }) => row.id),
    );
  }

  #isKept({ row, orderId }: Link, listed: ReadonlySet<string>): boolean {
    if (row.status !== 'held') return false;
    return this.#fellowsOf(orderId).some(({ links }) => listed.has(links.at(-1)?.row.id ?? ''));
  }

  #fellowsOf(orderId: string): readonly Thread[] {
    return this.#places.fellowsOf(orderId).flatMap((one) => this.#threads.get(one) ?? []);
  }

  /** Tells whether an exit has ended and the other one is not known to: the stream does not tell that. */
  hasLooseEnds(): boolean {
    return [...this.#threads].some(
      ([orderId, { ended, links }]) =>
        !ended && links.length > 0 && this.#fellowsOf(orderId).some((one) => one.ended),
    );
  }

  /**
   * Orders that took the place of ours as they were asked to, of which a part had filled meanwhile: whether they fill that part again
   * is not known.
   */
  overfilling(): readonly string[] {
    return [...this.#threads.values()].flatMap(({ links, ended }) => {
      const last = links.at(-1);
      if (last === undefined || ended || stateOf(last.row) !== 'working') return [];
      const isAsked = ownIdOf(last.row.client_order_id)?.count !== undefined;
      const before = links.slice(0, -1).some((one) => this.#filledOf(one) > 0);
      return isAsked && before ? [last.row.id] : [];
    });
  }

  /** Tells whether an order of ours was seen, by our id. */
  has(orderId: string): boolean {
    return this.#threads.has(orderId);
  }

  /** Orders that took the place of others, or gave theirs, and have not been seen. */
  missingLinks(): readonly string[] {
    const wanted = [...this.#threads.values()].flatMap(({ links }) => {
      const next = links.at(-1)?.row.replaced_by;
      return next == null || next === '' || this.knows(next) ? [] : [next];
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
      this.#places.drop(orderId);
      for (const { row } of links) this.#links.delete(row.id);
    }
    for (const [id, link] of this.#links) {
      // Whose exit it is would have to be found out again as long as it is listed.
      const isListed = isOfGroup(link.row) && stateOf(link.row) === 'working';
      if (!link.isOurs && isOld(link) && !isListed) this.#links.delete(id);
    }
    for (const row of this.#waiting.rows()) {
      const changedUs = this.#amounts.time(row.updated_at ?? endOf(row)) ?? beforeUs;
      const isWanted = this.#places.placeOf(row);
      if (changedUs >= beforeUs || this.#places.hangs(row.id)) continue;
      if (isWanted.kind === 'waits' && isWanted.want?.kind === 'family') continue;
      this.#waiting.take(row.id);
    }
    this.#places.forget((venueOrderId) => this.knows(venueOrderId));
  }

  /** Takes the row of an order, and of the exits in it. @returns what they say that was not told. */
  takeRow(row: OrderRow): readonly StoryEvent[] {
    const events = [row, ...this.#places.note(row)].flatMap((one) => this.#takeOne(one));
    return [...events, ...this.#release()];
  }

  /** Takes the row of an order that hangs on no other. */
  takeHead(row: OrderRow): readonly StoryEvent[] {
    this.#places.noteHead(row.id);
    return this.takeRow(row);
  }

  #takeOne(row: OrderRow): readonly StoryEvent[] {
    const link = this.#links.get(row.id);
    if (link === undefined) return this.#begin(row);
    if (isOlder(row, link.row, this.#amounts)) return [];
    link.row = row;
    return this.#advance(link);
  }

  /** Takes a fill of an order that was seen. @returns what of it was not told. */
  takeFill(fill: FillRow): readonly StoryEvent[] {
    const { symbol, order_id, id, qty, cum_qty, price, transaction_time } = fill;
    const events = this.#execute({
      venueOrderId: order_id,
      uuid: id.split('::').at(-1) ?? id,
      quantity: this.#amounts.quantity(symbol, qty),
      through: this.#amounts.quantity(symbol, cum_qty),
      price,
      atUs: this.#timeOf(transaction_time),
    });
    return [...events, ...this.#release()];
  }

  /** Takes a message of the stream. @param nowUs where it says no time. */
  takeUpdate(update: TradeUpdate, nowUs: TimeUs): readonly StoryEvent[] {
    const { event, order } = update;
    const atUs =
      update.timestamp == null ? nowUs : ((update.timestamp.getTime() * 1_000) as TimeUs);
    const began = this.#links.has(order.id) ? [] : this.#begin(order);
    const filled = isFill(event) ? this.#fillOf(update, atUs) : [];
    const link = this.#links.get(order.id);
    if (link !== undefined && (event === 'trade_bust' || event === 'trade_correct')) {
      return [...began, ...this.#amend(link, update, atUs)];
    }
    if (link?.isOurs && event === 'order_cancel_rejected') {
      const reason = 'Alpaca could not cancel it';
      return [...began, { kind: 'cancelRejected', orderId: link.orderId, reason, eventAtUs: atUs }];
    }
    const refused = event === 'order_replace_rejected' ? this.#refused(link, atUs) : [];
    return [...began, ...filled, ...refused, ...this.takeRow(order)];
  }

  #fillOf({ order, execution_id, qty, price }: TradeUpdate, atUs: TimeUs): readonly StoryEvent[] {
    if (qty == null || price == null) return [];
    const symbol = order.symbol ?? '';
    return this.#execute({
      venueOrderId: order.id,
      uuid: execution_id ?? '',
      quantity: this.#amounts.quantity(symbol, qty),
      through: this.#amounts.quantity(symbol, order.filled_qty),
      price,
      atUs,
    });
  }

  /** New terms that we asked for were refused: the old ones hold. */
  #refused(link: Link | undefined, eventAtUs: TimeUs): readonly StoryEvent[] {
    const thread = link?.isOurs ? this.#threads.get(link.orderId) : undefined;
    if (link === undefined || thread === undefined || thread.ended) return [];
    thread.refusals += 1;
    const reason = 'Alpaca refused the new terms: the old ones hold';
    return [{ kind: 'replaceRejected', orderId: link.orderId, reason, eventAtUs }];
  }

  /** Tells what has its place by now. */
  #release(): readonly StoryEvent[] {
    const events: StoryEvent[] = [];
    for (let isMoving = true; isMoving; ) {
      const placed = this.#waiting
        .rows()
        .filter((row) => this.#places.placeOf(row).kind !== 'waits');
      for (const row of placed) events.push(...this.#begin(row));
      isMoving = placed.length > 0;
    }
    return events;
  }

  #begin(row: OrderRow): readonly StoryEvent[] {
    const place = this.#places.placeOf(row);
    if (place.kind === 'waits') {
      this.#waiting.put(row);
      return [];
    }
    const kept = this.#waiting.take(row.id);
    const { orderId } = place;
    const ours = place.kind === 'own';
    const thread = ours ? this.#threadOf(orderId, place.exit) : undefined;
    const known = this.#known.get(orderId);
    const earlier = thread?.links.reduce((sum, link) => sum + this.#filledOf(link), 0) ?? 0;
    const through = Math.max(0, Math.min((known?.executed ?? 0) - earlier, this.#filledRow(row)));
    const coverage = new Coverage(through);
    const link: Link = { row, orderId, isOurs: ours, coverage, told: new Map() };
    this.#links.set(row.id, link);
    thread?.links.push(link);
    const fills = kept.filter(({ atUs }) => ours || atUs >= this.#othersFromUs);
    const told = [...this.#advance(link), ...fills.flatMap((one) => this.#execute(one))];
    // One whose place this took has ended by it.
    const others = this.#fellowsOf(orderId).filter((one) => !one.ended);
    return [...told, ...others.flatMap((one) => this.#ended(one))];
  }

  #threadOf(orderId: string, exit: VenueExit | undefined): Thread {
    const known = this.#known.get(orderId);
    const thread = this.#threads.get(orderId) ?? {
      links: [],
      accepted: known?.venueOrderId !== undefined,
      ended: false,
      revision: known === undefined ? undefined : revisionOf(known),
      exit,
      refusals: 0,
    };
    if (exit !== undefined) this.#places.know(exit.terms);
    this.#threads.set(orderId, thread);
    return thread;
  }

  /** Tells what the row of one of ours says now: that it is there, by which terms, and how it ended. */
  #advance(link: Link): readonly StoryEvent[] {
    const thread = link.isOurs ? this.#threads.get(link.orderId) : undefined;
    if (thread === undefined || thread.ended) return [];
    const { row, orderId } = link;
    const { exit } = thread;
    const events: StoryEvent[] = [];
    if (!thread.accepted && (row.status !== 'rejected' || exit !== undefined)) {
      thread.accepted = true;
      const eventAtUs = this.#workedFromUs(row, exit);
      const of = exit === undefined ? {} : { exit };
      events.push({ kind: 'accepted', orderId, venueOrderId: row.id, ...of, eventAtUs });
    }
    events.push(...this.#revised(thread, link), ...this.#unchanged(thread, link));
    return [...events, ...this.#ended(thread)];
  }

  /** An exit is sent with its entry, and works from the entry's end on. */
  #workedFromUs(row: OrderRow, exit: VenueExit | undefined): TimeUs {
    const sentUs = this.#timeOf(row.submitted_at ?? row.created_at);
    const entry = exit === undefined ? undefined : this.#threads.get(exit.parentOrderId);
    const end = entry?.ended ? entry.links.at(-1)?.row.updated_at : undefined;
    return Math.max(sentUs, this.#timeOf(end)) as TimeUs;
  }

  /** Another order took the place of ours: as we asked, by a person's change, or by a split's. */
  #revised(thread: Thread, link: Link): readonly StoryEvent[] {
    const place = thread.links.indexOf(link);
    if (place < 1 || link !== thread.links.at(-1) || isRejected(link.row)) return [];
    const before = thread.links.slice(0, place).reduce((sum, one) => sum + this.#filledOf(one), 0);
    const { row, orderId } = link;
    const asked = ownIdOf(row.client_order_id)?.count;
    const own = this.#amounts.quantity(row.symbol ?? '', row.qty);
    const revision: OrderRevision = {
      quantity: quantity(asked === undefined ? own + before : own),
      ...(row.limit_price == null ? {} : { limitPriceNanos: priceOf(row.limit_price) }),
      ...(row.stop_price == null ? {} : { stopPriceNanos: priceOf(row.stop_price) }),
    };
    if (isSame(revision, thread.revision)) return [];
    thread.revision = revision;
    const eventAtUs = this.#timeOf(row.submitted_at ?? row.created_at);
    return [{ kind: 'replaced', orderId, count: asked ?? place, ...revision, eventAtUs }];
  }

  /** The order that we asked for in the place of ours was rejected, and the stream did not say so. */
  #unchanged(thread: Thread, link: Link): readonly StoryEvent[] {
    const rejected = thread.links.filter(
      ({ row }) => isRejected(row) && ownIdOf(row.client_order_id)?.count !== undefined,
    );
    if (rejected.length <= thread.refusals) return [];
    return this.#refused(link, this.#timeOf(endOf(link.row)));
  }

  #ended(thread: Thread): readonly StoryEvent[] {
    // What was to take the place of an order and was rejected leaves that as it is.
    const last = thread.links.filter(({ row }, index) => index === 0 || !isRejected(row)).at(-1);
    if (last === undefined || thread.links.some((link) => this.#isShort(link))) return [];
    const { row, orderId } = last;
    const state = stateOf(row);
    if (state === 'working' || (row.status === 'replaced' && !this.#isGivenUp(last))) return [];
    thread.ended = true;
    const eventAtUs = this.#timeOf(endOf(row));
    const isExitGone = thread.exit !== undefined && state === 'rejected';
    if (state === 'cancelled' || isExitGone) {
      return [{ kind: 'cancelled', orderId, reason: `Alpaca says ${row.status}`, eventAtUs }];
    }
    if (state === 'expired') return [{ kind: 'expired', orderId, eventAtUs }];
    if (state === 'rejected') {
      return [{ kind: 'rejected', orderId, reason: 'Alpaca rejected it', eventAtUs }];
    }
    return this.#filledShort(thread, last);
  }

  /** An order whose place another exit took has ended: that is no change of its terms. */
  #isGivenUp({ row, orderId }: Link): boolean {
    const next = row.replaced_by;
    if (next == null || next === '') return true;
    const link = this.#links.get(next);
    return link !== undefined && link.orderId !== orderId;
  }

  /** An exit loses what the other one fills, so that it may be filled whole by less than was told of it. */
  #filledShort(thread: Thread, { row, orderId }: Link): readonly StoryEvent[] {
    const whole = thread.revision?.quantity ?? thread.exit?.terms.quantity;
    const filled = thread.links.reduce((sum, link) => sum + this.#filledOf(link), 0);
    if (whole === undefined || filled >= whole) return [];
    const reason = `Alpaca filled ${filled} of ${whole} units, and works it no more`;
    return [{ kind: 'cancelled', orderId, reason, eventAtUs: this.#timeOf(endOf(row)) }];
  }

  #execute(execution: Execution): readonly StoryEvent[] {
    const { venueOrderId, uuid, through, atUs } = execution;
    const link = this.#links.get(venueOrderId);
    if (execution.quantity <= 0) return [];
    if (link === undefined) {
      this.#waiting.keep(execution);
      return [];
    }
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
