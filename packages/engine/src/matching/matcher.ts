import type { Calendar } from '@capstan/calendar';
import {
  assert,
  type Bar,
  barProblem,
  cashMicros,
  type Instrument,
  type InstrumentBook,
  notionalMicros,
  type OrderTerms,
  type Quantity,
  quantity,
  type TimeUs,
  ZERO_CASH,
  ZERO_QUANTITY,
} from '@capstan/domain';
import { type BarFill, barVerdict } from './bar-verdict.ts';
import { badSnapshot } from './errors.ts';
import { type MatcherConfig, type MatcherRules, matcherRules } from './matcher-config.ts';
import { END_REASONS, type EndReason, type MatcherEvent } from './matcher-event.ts';
import { OrderBook } from './order-book.ts';
import { orderProblem } from './order-problem.ts';
import { volumeCap } from './volume-cap.ts';
import type { MatcherSnapshot, WorkingOrder } from './working-order.ts';

const SNAPSHOT_VERSION = 1;

/**
 * A simulated venue: holds orders and matches them against bars. The paper exchange and the backtest run the same one.
 * Deterministic: the same calls give the same events. Its state is plain data, by {@link Matcher.snapshot}.
 *
 * Feed each symbol's bars in time order, then close each slice. A bar that begins before the last one of its symbol
 * ended (delivered again, corrected, or of another timeframe) and a bar outside the sessions match nothing.
 */
export class Matcher {
  readonly #rules: MatcherRules;
  readonly #instruments: InstrumentBook;
  readonly #calendarOf: (name: string) => Calendar;
  readonly #book = new OrderBook();
  readonly #seenUntil = new Map<string, TimeUs>();

  /**
   * @param calendarOf finds a calendar by the name in {@link Instrument.calendar}; it should keep what it builds.
   * @throws ENGINE.MATCHER_CONFIG naming the key that cannot be used.
   */
  constructor(
    config: MatcherConfig,
    instruments: InstrumentBook,
    calendarOf: (name: string) => Calendar,
  ) {
    this.#rules = matcherRules(config);
    this.#instruments = instruments;
    this.#calendarOf = calendarOf;
  }

  /**
   * Takes an order. Ask {@link orderProblem} first: what a venue would refuse is a bug here.
   * @throws INSTRUMENT.UNKNOWN. @throws InvariantError for an id that is working or terms that cannot be matched.
   */
  add(terms: OrderTerms): void {
    const instrument = this.#instruments.get(terms.symbol);
    assert(this.#book.get(terms.orderId) === undefined, `order ${terms.orderId} is working`);
    const problem = orderProblem(terms, instrument);
    assert(problem === undefined, `order ${terms.orderId}: ${problem}`);
    const order: WorkingOrder = {
      terms,
      filledQuantity: ZERO_QUANTITY,
      filledNotionalMicros: ZERO_CASH,
      feeMicros: ZERO_CASH,
      triggered: terms.type === 'market' || terms.type === 'limit',
    };
    if (terms.timeInForce === 'gtc') {
      this.#book.put(order);
    } else {
      const session = this.#calendarOf(instrument.calendar).sessionAtOrAfter(terms.decidedAtUs);
      this.#book.put({ ...order, sessionCloseUs: session.closeUs });
    }
  }

  /** Cancels what is left of an order; `undefined` where no such order is working. */
  cancel(orderId: string, atUs: TimeUs): MatcherEvent | undefined {
    const order = this.#book.get(orderId);
    if (order === undefined) return undefined;
    return this.#end(order, 'cancelled', atUs, END_REASONS.requested);
  }

  /**
   * Matches a symbol's orders against its next bar.
   * @returns expiries that were due first, then each order's fill and end, in matching order.
   * @throws InvariantError for a bar whose own numbers contradict each other.
   */
  onBar(bar: Bar): readonly MatcherEvent[] {
    const seenUntilUs = this.#seenUntil.get(bar.symbol);
    if (seenUntilUs !== undefined && bar.startUs < seenUntilUs) return [];
    this.#seenUntil.set(bar.symbol, bar.endUs);
    if (this.#book.ofSymbol(bar.symbol).length === 0) return [];
    const problem = barProblem(bar);
    assert(problem === undefined, `bar of ${bar.symbol} at ${bar.startUs}: ${problem}`);

    const events = this.#endDue(this.#book.ofSymbol(bar.symbol), bar.startUs);
    const instrument = this.#instruments.get(bar.symbol);
    const session = this.#calendarOf(instrument.calendar).sessionAtOrAfter(bar.startUs);
    if (session.openUs >= bar.endUs) return events;

    const { capParts } = this.#rules;
    let left = capParts === undefined ? undefined : volumeCap(bar.volume, capParts, instrument.lot);
    for (const order of this.#book.ofSymbol(bar.symbol)) {
      if (bar.startUs < order.terms.decidedAtUs) continue;
      const taken = this.#matchOrder(order, { bar, instrument, left }, events);
      if (left !== undefined) left = quantity(left - taken);
    }
    return events;
  }

  /**
   * Ends the day and ioc orders whose session ended by `endUs`. Call it when all bars that end then have been matched.
   * @returns their ends, in matching order.
   */
  closeSlice(endUs: TimeUs): readonly MatcherEvent[] {
    return this.#endDue(this.#book.all(), endUs);
  }

  /** Returns the orders that are working, in matching order: by decision time, then id. */
  openOrders(): readonly WorkingOrder[] {
    return this.#book.all();
  }

  /** Returns the whole state as plain data, safe for JSON. */
  snapshot(): MatcherSnapshot {
    const seenUntil = [...this.#seenUntil]
      .map(([symbol, endUs]) => ({ symbol, endUs }))
      .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return { version: SNAPSHOT_VERSION, orders: this.#book.all(), seenUntil };
  }

  /**
   * Replaces the whole state by a snapshot's; the events that follow are those that would have followed it.
   * @throws ENGINE.MATCHER_SNAPSHOT for another version. @throws INSTRUMENT.UNKNOWN.
   */
  restore(snapshot: MatcherSnapshot): void {
    if (snapshot.version !== SNAPSHOT_VERSION) {
      throw badSnapshot(snapshot.version, SNAPSHOT_VERSION);
    }
    for (const { terms } of snapshot.orders) this.#instruments.get(terms.symbol);
    this.#book.clear();
    this.#seenUntil.clear();
    for (const order of snapshot.orders) this.#book.put(order);
    for (const { symbol, endUs } of snapshot.seenUntil) this.#seenUntil.set(symbol, endUs);
  }

  #matchOrder(order: WorkingOrder, at: Encounter, events: MatcherEvent[]): Quantity {
    const { bar, instrument, left } = at;
    const { triggered, fill } = barVerdict(order, bar, instrument.tickNanos, this.#rules);
    const wanted = quantity(order.terms.quantity - order.filledQuantity);
    const offered = left === undefined || left > wanted ? wanted : left;
    const taken = fill === undefined ? ZERO_QUANTITY : offered;
    let after = triggered === order.triggered ? order : { ...order, triggered };
    if (fill !== undefined && taken > 0) after = this.#fill(after, at, fill, taken, events);

    if (after.filledQuantity === after.terms.quantity) this.#book.remove(after);
    else if (after.terms.timeInForce === 'ioc') {
      events.push(this.#end(after, 'cancelled', bar.endUs, END_REASONS.immediateOrCancel));
    } else if (after !== order) this.#book.put(after);
    return taken;
  }

  #fill(
    order: WorkingOrder,
    { bar, instrument }: Encounter,
    { priceNanos, atOpen }: BarFill,
    amount: Quantity,
    events: MatcherEvent[],
  ): WorkingOrder {
    const filledQuantity = quantity(order.filledQuantity + amount);
    const notional = notionalMicros(instrument, priceNanos, amount);
    const filledNotionalMicros = cashMicros(order.filledNotionalMicros + notional);
    const feeMicros = this.#rules.commissionMicros({
      quantity: filledQuantity,
      quantityScale: instrument.quantityScale,
      notionalMicros: filledNotionalMicros,
    });
    events.push({
      kind: 'filled',
      orderId: order.terms.orderId,
      quantity: amount,
      priceNanos,
      feeMicros: cashMicros(feeMicros - order.feeMicros),
      eventAtUs: atOpen ? bar.startUs : bar.endUs,
    });
    return { ...order, filledQuantity, filledNotionalMicros, feeMicros };
  }

  #endDue(orders: readonly WorkingOrder[], atUs: TimeUs): MatcherEvent[] {
    const events: MatcherEvent[] = [];
    for (const order of orders) {
      const dueUs = order.sessionCloseUs;
      if (dueUs === undefined || dueUs > atUs) continue;
      const kind = order.terms.timeInForce === 'ioc' ? 'cancelled' : 'expired';
      events.push(this.#end(order, kind, dueUs, END_REASONS.sessionEnded));
    }
    return events;
  }

  #end(
    order: WorkingOrder,
    kind: 'expired' | 'cancelled',
    eventAtUs: TimeUs,
    reason: EndReason,
  ): MatcherEvent {
    this.#book.remove(order);
    return { kind, orderId: order.terms.orderId, eventAtUs, reason };
  }
}

/** An order's bar: what it is matched against. */
interface Encounter {
  readonly bar: Bar;
  readonly instrument: Instrument;
  /** What is left of the bar's volume; `undefined` without a cap. */
  readonly left: Quantity | undefined;
}
