import type { Calendar } from '@capstan/calendar';
import {
  assert,
  type Bar,
  barProblem,
  DERIVED_IDS,
  type IdScheme,
  type InstrumentBook,
  type OrderRevision,
  type OrderTerms,
  type TimeUs,
  ZERO_CASH,
  ZERO_QUANTITY,
} from '@capstan/domain';
import { adjustForSplit, type SplitRatio } from './adjust-for-split.ts';
import { BracketBook, sameOwner } from './bracket-book.ts';
import { endBracket, endOrder } from './end-order.ts';
import { badSnapshot } from './errors.ts';
import { fillMarketAtClose, matchBar } from './match-bar.ts';
import { type MatcherConfig, matcherRules } from './matcher-config.ts';
import { END_REASONS, type MatcherEvent } from './matcher-event.ts';
import type { Encounter, MatcherState } from './matcher-state.ts';
import { OrderBook } from './order-book.ts';
import { orderProblem } from './order-problem.ts';
import { volumeCap } from './volume-cap.ts';
import type { MatcherSnapshot, WorkingOrder } from './working-order.ts';

const SNAPSHOT_VERSION = 2;
const NOTHING: readonly MatcherEvent[] = [];

/**
 * A simulated venue: holds orders and matches them against bars. The paper exchange and the backtest run the same one.
 * Deterministic: the same calls give the same events. Its state is plain data, by {@link Matcher.snapshot}.
 *
 * Feed each symbol's bars in time order, then close each slice. A bar that begins before the last one of its symbol
 * ended (delivered again, corrected, or of another timeframe) and a bar outside the sessions match nothing.
 */
export class Matcher {
  readonly #state: MatcherState;
  readonly #calendarOf: (name: string) => Calendar;
  readonly #seenUntil = new Map<string, TimeUs>();
  /** What was taken of the last bar's volume, by symbol; only where there is a cap. */
  readonly #taken = new Map<string, number>();

  /**
   * @param calendarOf finds a calendar by the name in {@link Instrument.calendar}; it should keep what it builds.
   * @param ids gives exits their ids.
   * @throws ENGINE.MATCHER_CONFIG naming the key that cannot be used.
   */
  constructor(
    config: MatcherConfig,
    instruments: InstrumentBook,
    calendarOf: (name: string) => Calendar,
    ids: Pick<IdScheme, 'orderId'> = DERIVED_IDS,
  ) {
    const rules = matcherRules(config);
    this.#state = { rules, instruments, ids, book: new OrderBook(), brackets: new BracketBook() };
    this.#calendarOf = calendarOf;
  }

  /**
   * Takes an order. Ask {@link orderProblem} first: what a venue would refuse is a bug here. Its exits become orders of
   * their own as it fills, told by `accepted`.
   * @throws INSTRUMENT.UNKNOWN. @throws InvariantError for an id that is working or terms that cannot be matched.
   */
  add(terms: OrderTerms): void {
    const { book, instruments } = this.#state;
    const instrument = instruments.get(terms.symbol);
    if (book.get(terms.orderId) !== undefined) assert(false, `order ${terms.orderId} is working`);
    const problem = orderProblem(terms, instrument);
    if (problem !== undefined) assert(false, `order ${terms.orderId}: ${problem}`);
    const { type, activationPriceNanos: best } = terms;
    book.put({
      terms,
      filledQuantity: ZERO_QUANTITY,
      filledNotionalMicros: ZERO_CASH,
      feeMicros: ZERO_CASH,
      triggered: type === 'market' || type === 'limit',
      ...this.#sessionOf(terms, instrument.calendar),
      ...(type === 'trailingStop' && best !== undefined ? { bestPriceNanos: best } : {}),
    });
  }

  /**
   * Cancels what is left of an order; exits of an entry stay for what it opened.
   * @returns its end, and that of exits that it leaves without a task; nothing where no such order is working.
   */
  cancel(orderId: string, atUs: TimeUs): readonly MatcherEvent[] {
    const order = this.#state.book.get(orderId);
    if (order === undefined) return NOTHING;
    const events: MatcherEvent[] = [];
    const end = { kind: 'cancelled', atUs, reason: END_REASONS.requested } as const;
    endOrder(this.#state, order, end, events);
    return events;
  }

  /**
   * Changes the quantity and the prices of a working order from the next bar on; what is filled of it stays.
   * @returns why it cannot be; `undefined` where it was done.
   */
  replace(orderId: string, revision: OrderRevision): string | undefined {
    const { book, instruments } = this.#state;
    const order = book.get(orderId);
    if (order === undefined) return `no order '${orderId}' is working`;
    if (order.parentOrderId !== undefined || order.terms.exits !== undefined) {
      return 'an order with protective exits, or such an exit, is not replaced';
    }
    if (revision.quantity <= order.filledQuantity) {
      return `${order.filledQuantity} of it are filled: ${revision.quantity} leaves nothing to work`;
    }
    const terms: OrderTerms = { ...order.terms, ...revision };
    const problem = orderProblem(terms, instruments.get(terms.symbol));
    if (problem === undefined) book.put({ ...order, terms });
    return problem;
  }

  /**
   * Cancels the exits of what an order closes: of a market order that takes the next bar and those after it, and that, with
   * the like orders of its bot that are out, sells all that the bot holds, or buys it back. Call it before {@link Matcher.add}; any other order leaves exits as they
   * are, and they lose what it fills.
   */
  releaseExits(terms: OrderTerms, atUs: TimeUs): readonly MatcherEvent[] {
    const { symbol, side } = terms;
    if (!takesNextBar(terms)) return NOTHING;
    const { book, brackets } = this.#state;
    const released = brackets
      .ofSymbol(symbol)
      .filter((bracket) => bracket.side === side && sameOwner(bracket, terms));
    if (released.length === 0) return NOTHING;
    let out: number = terms.quantity;
    for (const other of book.ofSymbol(symbol)) {
      const closes = other.terms.side === side && takesNextBar(other.terms);
      if (!closes || !sameOwner(other.terms, terms)) continue;
      out += other.terms.quantity - other.filledQuantity;
    }
    if (out < Math.abs(brackets.held(terms))) return NOTHING;
    const events: MatcherEvent[] = [];
    const end = { kind: 'cancelled', atUs, reason: END_REASONS.closing } as const;
    for (const bracket of released) endBracket(this.#state, bracket, end, events);
    return events;
  }

  /**
   * Matches a symbol's orders against its next bar.
   * @returns expiries that were due first, then fills and ends in the order in which they happen in the bar.
   * @throws InvariantError for a bar whose own numbers contradict each other.
   */
  onBar(bar: Bar): readonly MatcherEvent[] {
    const { symbol } = bar;
    const seenUntilUs = this.#seenUntil.get(symbol);
    if (seenUntilUs !== undefined && bar.startUs < seenUntilUs) return NOTHING;
    this.#seenUntil.set(symbol, bar.endUs);
    if (this.#taken.size > 0) this.#taken.delete(symbol);
    const { book } = this.#state;
    const working = book.ofSymbol(symbol);
    if (working.length === 0) return NOTHING;

    const events = this.#endDue(working, bar.startUs, []);
    const at = this.#encounter(bar, events);
    if (at === undefined || book.ofSymbol(symbol).length === 0) return events;
    const before = at.left;
    matchBar(this.#state, at);
    this.#noteTaken(symbol, before, at.left);
    return events;
  }

  /**
   * Fills a market order at the close of the bar at whose end it was decided, with slippage inside the bar, as far as its
   * volume is not taken yet; what is left goes on working. For runs that say so: it trades on a price that the decision
   * already knew. Exits work from the next bar on. Call it after {@link Matcher.onBar} of that bar.
   * @returns nothing where the bar lies outside the sessions: the order goes on working.
   * @throws InvariantError for an order that is not a working market order decided at the bar's end, and for a bar before
   * the last one of its symbol.
   */
  fillAtClose(orderId: string, bar: Bar): readonly MatcherEvent[] {
    const { symbol, endUs } = bar;
    const order = this.#state.book.get(orderId);
    const fits =
      order?.terms.type === 'market' &&
      order.terms.symbol === symbol &&
      order.terms.decidedAtUs === endUs &&
      order.terms.timeInForce !== 'onOpen' &&
      order.terms.timeInForce !== 'onClose';
    if (!fits) assert(false, `order ${orderId} cannot fill at the close of ${endUs}`);
    const seenUntilUs = this.#seenUntil.get(symbol) ?? endUs;
    assert(seenUntilUs <= endUs, `a bar of ${symbol} after ${endUs} was matched already`);
    if (seenUntilUs < endUs) this.#taken.delete(symbol);
    this.#seenUntil.set(symbol, endUs);
    const events: MatcherEvent[] = [];
    const at = this.#encounter(bar, events);
    if (at === undefined || order === undefined) return NOTHING;
    if (at.left !== undefined) at.left -= this.#taken.get(symbol) ?? 0;
    const before = at.left;
    fillMarketAtClose(this.#state, at, order);
    this.#noteTaken(symbol, before, at.left);
    return events;
  }

  /**
   * Ends the orders whose session ended by `endUs`. Call it when all bars that end then have been matched.
   * @returns their ends, in matching order.
   */
  closeSlice(endUs: TimeUs): readonly MatcherEvent[] {
    if (!this.isDue(endUs)) return NOTHING;
    return this.#endDue(this.#state.book.all(), endUs, []);
  }

  /**
   * Restates what works in a symbol, and what its bots hold, for a split: prices are divided by the ratio, open quantities
   * multiplied. Prices go to the tick away from the market, quantities down to the lot; what is then less than a lot is cancelled.
   * What was filled before stays as it was. Call it before the first bar on the new share count.
   * @returns the cancels, and the new terms of the orders that go on, in matching order.
   */
  adjustForSplit(
    symbol: string,
    ratio: SplitRatio,
    atUs: TimeUs,
  ): { readonly events: readonly MatcherEvent[]; readonly restated: readonly OrderTerms[] } {
    return adjustForSplit(this.#state, { symbol, ratio, atUs });
  }

  /** Returns the orders that are working, exits included, in matching order: by decision time, then id. */
  openOrders(): readonly WorkingOrder[] {
    return this.#state.book.all();
  }

  /** Tells whether nothing works: no bar and no close would change anything. */
  get isIdle(): boolean {
    return this.#state.book.empty;
  }

  /** Tells whether a symbol has working orders. */
  watches(symbol: string): boolean {
    return this.#state.book.ofSymbol(symbol).length > 0;
  }

  /** Tells whether {@link Matcher.closeSlice} would end something. */
  isDue(endUs: TimeUs): boolean {
    return this.#state.book.isDue(endUs);
  }

  /** Returns the whole state as plain data, safe for JSON. */
  snapshot(): MatcherSnapshot {
    const { book, brackets } = this.#state;
    const seenUntil = [...this.#seenUntil]
      .map(([symbol, endUs]) => {
        const takenQuantity = this.#taken.get(symbol);
        return { symbol, endUs, ...(takenQuantity === undefined ? {} : { takenQuantity }) };
      })
      .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return {
      version: SNAPSHOT_VERSION,
      orders: book.all(),
      brackets: brackets.all(),
      holdings: brackets.holdings(),
      seenUntil,
    };
  }

  /**
   * Replaces the whole state by a snapshot's; the events that follow are those that would have followed it.
   * @throws ENGINE.MATCHER_SNAPSHOT for another version. @throws INSTRUMENT.UNKNOWN.
   */
  restore(snapshot: MatcherSnapshot): void {
    if (snapshot.version !== SNAPSHOT_VERSION) {
      throw badSnapshot(snapshot.version, SNAPSHOT_VERSION);
    }
    const { book, brackets, instruments } = this.#state;
    for (const { terms } of snapshot.orders) instruments.get(terms.symbol);
    book.clear();
    brackets.clear();
    this.#seenUntil.clear();
    this.#taken.clear();
    for (const order of snapshot.orders) book.put(order);
    for (const bracket of snapshot.brackets) brackets.put(bracket);
    for (const holding of snapshot.holdings) brackets.hold(holding, holding.quantity);
    for (const { symbol, endUs, takenQuantity } of snapshot.seenUntil) {
      this.#seenUntil.set(symbol, endUs);
      if (takenQuantity !== undefined) this.#taken.set(symbol, takenQuantity);
    }
  }

  #sessionOf(
    { timeInForce, decidedAtUs }: OrderTerms,
    calendarName: string,
  ): Pick<WorkingOrder, 'sessionCloseUs' | 'sessionOpenUs'> {
    if (timeInForce === 'gtc') return {};
    const calendar = this.#calendarOf(calendarName);
    if (timeInForce !== 'onOpen') {
      return { sessionCloseUs: calendar.sessionAtOrAfter(decidedAtUs).closeUs };
    }
    const sessionOpenUs = calendar.nextOpen(decidedAtUs);
    const { closeUs } = calendar.sessionAtOrAfter(sessionOpenUs);
    return { sessionOpenUs, sessionCloseUs: closeUs };
  }

  /** Prepares a bar to be met; `undefined` for one outside the sessions. */
  #encounter(bar: Bar, events: MatcherEvent[]): Encounter | undefined {
    const problem = barProblem(bar);
    if (problem !== undefined) {
      assert(false, `bar of ${bar.symbol} at ${bar.startUs}: ${problem}`);
    }
    const { instruments, rules } = this.#state;
    const instrument = instruments.get(bar.symbol);
    const session = this.#calendarOf(instrument.calendar).sessionAtOrAfter(bar.startUs);
    if (session.openUs >= bar.endUs) return undefined;
    const { capParts } = rules;
    const left =
      capParts === undefined ? undefined : volumeCap(bar.volume, capParts, instrument.lot);
    return { bar, instrument, left, inside: undefined, events };
  }

  #noteTaken(symbol: string, before: number | undefined, after: number | undefined): void {
    if (before === undefined || after === undefined || before === after) return;
    this.#taken.set(symbol, (this.#taken.get(symbol) ?? 0) + before - after);
  }

  #endDue(orders: readonly WorkingOrder[], atUs: TimeUs, events: MatcherEvent[]): MatcherEvent[] {
    for (const order of orders) {
      const dueUs = order.sessionCloseUs;
      if (dueUs === undefined || dueUs > atUs) continue;
      endOrder(
        this.#state,
        order,
        { atUs: dueUs, ...END_OF_SESSION[order.terms.timeInForce] },
        events,
      );
    }
    return events;
  }
}

/** Tells whether an order fills from the next bar on until it is filled, not at an auction or at one bar alone. */
function takesNextBar({ type, timeInForce }: OrderTerms): boolean {
  return type === 'market' && (timeInForce === 'day' || timeInForce === 'gtc');
}

/** How the end of its session ends an order. */
const END_OF_SESSION = {
  day: { kind: 'expired', reason: END_REASONS.sessionEnded },
  gtc: { kind: 'expired', reason: END_REASONS.sessionEnded },
  ioc: { kind: 'cancelled', reason: END_REASONS.sessionEnded },
  onOpen: { kind: 'cancelled', reason: END_REASONS.notAtOpen },
  onClose: { kind: 'cancelled', reason: END_REASONS.notAtClose },
} as const;
