import type { Calendar } from '@capstan/calendar';
import {
  applyFill,
  assert,
  type Bar,
  type BarSlice,
  cashMicros,
  deriveId,
  FLAT_POSITION,
  type InstrumentBook,
  type OrderTerms,
  positionCashMicros,
  quantity,
  type SymbolRestriction,
  type TimeUs,
  type VenueActivity,
  type VenueEvent,
  ZERO_QUANTITY,
} from '@capstan/domain';
import {
  type AccountBook,
  type ExchangeAccount,
  type ExchangeAccountSettings,
  emitTo,
  eventsAfter,
  openBook,
} from './exchange-account.ts';
import { type ActionParts, actionRefusal, postAction } from './exchange-actions.ts';
import {
  asTraded,
  checkBehaviour,
  type ExchangeBehaviour,
  refusesByChance,
} from './exchange-behaviour.ts';
import type { ExchangeAnswer, ExchangeInput, ExchangeOrder } from './exchange-input.ts';
import { ExchangeRestrictions } from './exchange-restrictions.ts';
import { type ExchangeSnapshot, snapshotOfBook } from './exchange-snapshot.ts';
import type { SplitRatio } from './matching/adjust-for-split.ts';
import { Matcher } from './matching/matcher.ts';
import type { MatcherEvent } from './matching/matcher-event.ts';
import { orderProblem } from './matching/order-problem.ts';

export interface ExchangeSettings {
  readonly behaviour: ExchangeBehaviour;
  readonly accounts: readonly ExchangeAccountSettings[];
}

export type { ExchangeAccount, ExchangeAccountSettings } from './exchange-account.ts';
export type {
  ExchangeAnswer,
  ExchangeInput,
  ExchangeOrder,
  ExchangeOrderState,
} from './exchange-input.ts';

/**
 * A simulated exchange as a pure state machine: orders, cancels and slices of bars in; answers and events out. The paper
 * exchange keeps its inputs in a journal, the decision core drives it directly.
 */
export class ExchangeCore {
  readonly #instruments: InstrumentBook;
  readonly #calendarOf: (name: string) => Calendar;
  #behaviour: ExchangeBehaviour;
  #matcher: Matcher;
  readonly #accounts = new Map<string, AccountBook>();
  readonly #orders = new Map<string, ExchangeOrder>();
  readonly #posted = new Set<string>();
  readonly #restrictions = new ExchangeRestrictions();

  /** @throws ENGINE.EXCHANGE_CONFIG, ENGINE.MATCHER_CONFIG */
  constructor(
    settings: ExchangeSettings,
    instruments: InstrumentBook,
    calendarOf: (name: string) => Calendar,
  ) {
    checkBehaviour(settings.behaviour);
    this.#behaviour = settings.behaviour;
    this.#instruments = instruments;
    this.#calendarOf = calendarOf;
    this.#matcher = new Matcher(settings.behaviour.matcher, instruments, calendarOf);
    this.#openAccounts(settings.accounts);
  }

  /**
   * Goes on by other settings: what happened stays as it was. Accounts that are new are opened; those that are there keep what
   * they have, also where the settings do not name them any more.
   * @throws ENGINE.EXCHANGE_CONFIG, ENGINE.MATCHER_CONFIG
   */
  reconfigure(settings: ExchangeSettings): void {
    checkBehaviour(settings.behaviour);
    const matcher = new Matcher(settings.behaviour.matcher, this.#instruments, this.#calendarOf);
    matcher.restore(this.#matcher.snapshot());
    this.#matcher = matcher;
    this.#behaviour = settings.behaviour;
    this.#openAccounts(settings.accounts);
  }

  /**
   * Applies one input. Repeating a submission or a posted action of the same id, or a replace of the same count, repeats its answer
   * and changes nothing.
   */
  apply(input: ExchangeInput): ExchangeAnswer | undefined {
    switch (input.kind) {
      case 'submit':
        return this.#submit(input.order, input.atUs);
      case 'cancel':
        return this.#cancel(input.accountId, input.orderId, input.atUs);
      case 'replace':
        return this.#replace(input);
      case 'slice':
        this.#slice(input.endUs, input.bars);
        return undefined;
      case 'fillAtClose':
        this.fillAtClose(input.orderId, input.bar);
        return undefined;
      case 'post':
        return this.#post(input);
      case 'split':
        this.adjustForSplit(input.symbol, input.ratio, input.atUs);
        return undefined;
    }
  }

  /** Returns the part of a slice that matters to working orders; `undefined` where nothing can come of it. */
  relevant(slice: BarSlice): Extract<ExchangeInput, { kind: 'slice' }> | undefined {
    const matcher = this.#matcher;
    if (matcher.isIdle) return undefined;
    const bars = slice.bars.filter((bar) => matcher.watches(bar.symbol));
    if (bars.length === 0 && !matcher.isDue(slice.endUs)) return undefined;
    return { kind: 'slice', feed: slice.feed, endUs: slice.endUs, bars };
  }

  /**
   * Fills a market order that was just submitted at the close of the bar that decided it; exits of it work from the next bar.
   * An order that the exchange refused or that has ended is passed over. See {@link Matcher.fillAtClose}.
   */
  fillAtClose(orderId: string, bar: Bar): void {
    if (this.#orders.get(orderId)?.state !== 'working') return;
    const traded = asTraded(this.#behaviour, bar);
    for (const event of this.#matcher.fillAtClose(orderId, traded)) this.#take(event);
  }

  /**
   * Restates a symbol's orders, and every account's position in it, for a split; costs stay, and cash for what is less than a
   * lot is the ledger's matter. See {@link Matcher.adjustForSplit}.
   * @returns the new terms of the orders that go on; cancels are among the events.
   */
  adjustForSplit(symbol: string, ratio: SplitRatio, atUs: TimeUs): readonly OrderTerms[] {
    const { events, restated } = this.#matcher.adjustForSplit(symbol, ratio, atUs);
    for (const event of events) this.#take(event);
    for (const terms of restated) {
      this.#orders.set(terms.orderId, { ...this.#known(terms.orderId), terms });
    }
    const held = new Map<string, number>();
    for (const holding of this.#matcher.snapshot().holdings) {
      if (holding.symbol !== symbol) continue;
      held.set(holding.accountId, (held.get(holding.accountId) ?? 0) + holding.quantity);
    }
    for (const [accountId, book] of this.#accounts) {
      const position = book.positions.get(symbol);
      if (position === undefined || position.quantity === 0) continue;
      book.positions.set(symbol, { ...position, quantity: quantity(held.get(accountId) ?? 0) });
    }
    return restated;
  }

  /** Returns an account's events after a sequence, as far as they are kept. */
  events(accountId: string, afterSequence: number): readonly VenueEvent[] {
    const book = this.#accounts.get(accountId);
    return book === undefined ? [] : eventsAfter(book, afterSequence);
  }

  /** Returns an account's corporate actions and cash without a trade, in their order. */
  activities(accountId: string): readonly VenueActivity[] {
    return this.#accounts.get(accountId)?.activities ?? [];
  }

  /** Returns the symbols in which trading is restricted in some way, sorted. */
  restrictions(): readonly SymbolRestriction[] {
    return this.#restrictions.all();
  }

  account(accountId: string): ExchangeAccount | undefined {
    const book = this.#accounts.get(accountId);
    if (book === undefined) return undefined;
    const positions = [...book.positions]
      .filter(([, position]) => position.quantity !== 0)
      .map(([symbol, position]) => ({ symbol, position }))
      .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    const { settings, cashMicros: cash, forgotten, events } = book;
    return { settings, cashMicros: cash, positions, sequence: forgotten + events.length };
  }

  order(orderId: string): ExchangeOrder | undefined {
    return this.#orders.get(orderId);
  }

  /** Returns the account's working orders, in matching order. */
  openOrders(accountId: string): readonly ExchangeOrder[] {
    return this.#matcher
      .openOrders()
      .filter((order) => order.terms.accountId === accountId)
      .map((order) => this.#known(order.terms.orderId));
  }

  accountIds(): readonly string[] {
    return [...this.#accounts.keys()].sort();
  }

  /**
   * Forgets the events up to now, and orders that have ended, but those that are still asked for: a repetition of what is forgotten
   * would be taken for new.
   */
  forget(isKept: (orderId: string) => boolean): void {
    for (const book of this.#accounts.values()) {
      book.forgotten += book.events.length;
      book.events = [];
    }
    for (const [orderId, { state }] of this.#orders) {
      if (state !== 'working' && !isKept(orderId)) this.#orders.delete(orderId);
    }
  }

  /** Returns the whole state as plain data, without events and activities of before. */
  snapshot(): ExchangeSnapshot {
    return {
      matcher: this.#matcher.snapshot(),
      accounts: [...this.#accounts.values()].map(snapshotOfBook),
      orders: [...this.#orders.values()],
      posted: [...this.#posted],
      restrictions: this.#restrictions.all(),
    };
  }

  /**
   * Replaces the whole state by a snapshot's; accounts that it does not have stay as they were opened.
   * @throws ENGINE.MATCHER_SNAPSHOT, INSTRUMENT.UNKNOWN
   */
  restore(snapshot: ExchangeSnapshot): void {
    const { matcher, accounts, orders, posted, restrictions } = snapshot;
    this.#matcher.restore(matcher);
    for (const { settings, ...state } of accounts) {
      this.#accounts.set(settings.accountId, openBook(settings, state));
    }
    this.#orders.clear();
    for (const order of orders) this.#orders.set(order.terms.orderId, order);
    for (const actionId of posted) this.#posted.add(actionId);
    for (const restriction of restrictions) this.#restrictions.set(restriction);
  }

  #openAccounts(accounts: readonly ExchangeAccountSettings[]): void {
    for (const settings of accounts) {
      if (this.#accounts.has(settings.accountId)) continue;
      this.#accounts.set(settings.accountId, openBook(settings));
    }
  }

  #submit(terms: OrderTerms, atUs: TimeUs): ExchangeAnswer {
    const before = this.#orders.get(terms.orderId);
    if (before !== undefined) return answerOf(before);
    const book = this.#accounts.get(terms.accountId);
    if (book === undefined) return { kind: 'rejected', reason: `no account '${terms.accountId}'` };
    const venueOrderId = deriveId('venue-order', terms.orderId);
    const refusal = this.#refusal(terms);
    const order: ExchangeOrder = {
      terms,
      venueOrderId,
      state: refusal === undefined ? 'working' : 'rejected',
      filledQuantity: ZERO_QUANTITY,
      ...(refusal === undefined ? {} : { reason: refusal }),
    };
    const { orderId } = terms;
    if (refusal === undefined) {
      for (const event of this.#matcher.releaseExits(terms, atUs)) this.#take(event);
      this.#matcher.add(terms);
    }
    this.#orders.set(orderId, order);
    if (refusal === undefined) {
      emitTo(book, (head) => ({
        ...head,
        kind: 'accepted',
        orderId,
        eventAtUs: atUs,
        venueOrderId,
      }));
    } else {
      emitTo(book, (head) => ({
        ...head,
        kind: 'rejected',
        orderId,
        eventAtUs: atUs,
        reason: refusal,
      }));
    }
    return answerOf(order);
  }

  #refusal(terms: OrderTerms): string | undefined {
    const instrument = this.#instruments.all().find((one) => one.symbol === terms.symbol);
    if (instrument === undefined) return `no instrument '${terms.symbol}'`;
    const problem = orderProblem(terms, instrument);
    if (problem !== undefined) return problem;
    if (this.#restrictions.isHalted(terms.symbol)) return `trading in ${terms.symbol} is halted`;
    return refusesByChance(this.#behaviour, terms)
      ? 'refused by the simulated exchange'
      : undefined;
  }

  #cancel(accountId: string, orderId: string, atUs: TimeUs): ExchangeAnswer {
    const book = this.#accounts.get(accountId);
    const order = this.#orders.get(orderId);
    if (book === undefined || order === undefined || order.terms.accountId !== accountId) {
      return { kind: 'rejected', reason: `no order '${orderId}'` };
    }
    const ends = this.#matcher.cancel(orderId, atUs);
    for (const event of ends) this.#take(event);
    if (ends.length > 0) return { kind: 'requested' };
    const reason = `the order is ${order.state}`;
    emitTo(book, (head) => ({
      ...head,
      kind: 'cancelRejected',
      orderId,
      eventAtUs: atUs,
      reason,
    }));
    return { kind: 'rejected', reason };
  }

  #replace(input: Extract<ExchangeInput, { kind: 'replace' }>): ExchangeAnswer {
    const { accountId, orderId, count, revision, atUs: eventAtUs } = input;
    const book = this.#accounts.get(accountId);
    const order = this.#orders.get(orderId);
    if (book === undefined || order === undefined || order.terms.accountId !== accountId) {
      return { kind: 'rejected', reason: `no order '${orderId}'` };
    }
    const { replaced } = order;
    if (replaced !== undefined && count <= replaced.count) return answerOfReplace(replaced.refusal);
    const refusal =
      order.state === 'working'
        ? this.#matcher.replace(orderId, revision)
        : `the order is ${order.state}`;
    if (refusal === undefined) {
      const terms = { ...order.terms, ...revision };
      this.#orders.set(orderId, { ...order, terms, replaced: { count } });
      emitTo(book, (head) => ({
        ...head,
        kind: 'replaced',
        orderId,
        eventAtUs,
        count,
        ...revision,
      }));
    } else {
      this.#orders.set(orderId, { ...order, replaced: { count, refusal } });
      const kind = 'replaceRejected';
      emitTo(book, (head) => ({ ...head, kind, orderId, eventAtUs, reason: refusal }));
    }
    return answerOfReplace(refusal);
  }

  #post({
    actionId,
    action,
    atUs,
  }: Extract<ExchangeInput, { kind: 'post' }>): Exclude<ExchangeAnswer, { kind: 'accepted' }> {
    const parts: ActionParts = {
      instruments: this.#instruments,
      accounts: this.#accounts,
      restrict: (restriction) => this.#restrictions.set(restriction),
      adjustForSplit: (symbol, ratio) => this.adjustForSplit(symbol, ratio, atUs),
      emit: emitTo,
    };
    const reason = actionRefusal(parts, action);
    if (reason !== undefined) return { kind: 'rejected', reason };
    if (!this.#posted.has(actionId)) postAction(parts, actionId, action, atUs);
    this.#posted.add(actionId);
    return { kind: 'requested' };
  }

  #slice(endUs: TimeUs, bars: readonly Bar[]): void {
    const traded = bars.filter(({ symbol }) => !this.#restrictions.isHalted(symbol));
    const sorted = traded.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    for (const bar of sorted) {
      for (const event of this.#matcher.onBar(asTraded(this.#behaviour, bar))) this.#take(event);
    }
    for (const event of this.#matcher.closeSlice(endUs)) this.#take(event);
  }

  #take(event: MatcherEvent): void {
    const { orderId, eventAtUs } = event;
    if (event.kind === 'accepted') {
      this.#takeExit(event);
      return;
    }
    const order = this.#known(orderId);
    const book = this.#accounts.get(order.terms.accountId);
    assert(book !== undefined, `order ${orderId} has no account`);
    if (event.kind !== 'filled') {
      const { kind, reason } = event;
      this.#orders.set(orderId, { ...order, state: kind, reason });
      if (kind === 'cancelled')
        emitTo(book, (head) => ({ ...head, kind, orderId, eventAtUs, reason }));
      else emitTo(book, (head) => ({ ...head, kind, orderId, eventAtUs }));
      return;
    }
    const filledQuantity = quantity(order.filledQuantity + event.quantity);
    const state = filledQuantity >= order.terms.quantity ? 'filled' : 'working';
    this.#orders.set(orderId, { ...order, state, filledQuantity });
    this.#settle(book, order.terms, event);
    const { priceNanos, feeMicros } = event;
    const executionId = deriveId('execution', order.terms.accountId, orderId, filledQuantity);
    emitTo(book, (head) => ({
      ...head,
      kind: 'filled',
      orderId,
      eventAtUs,
      executionId,
      quantity: event.quantity,
      priceNanos,
      feeMicros,
    }));
  }

  /** Takes note of an exit that the matcher made. */
  #takeExit(event: Extract<MatcherEvent, { kind: 'accepted' }>): void {
    const { orderId, eventAtUs, parentOrderId, terms } = event;
    const book = this.#accounts.get(terms.accountId);
    assert(book !== undefined, `order ${orderId} has no account`);
    assert(!this.#orders.has(orderId), `order ${orderId} is known already`);
    const venueOrderId = deriveId('venue-order', orderId);
    this.#orders.set(orderId, {
      terms,
      venueOrderId,
      state: 'working',
      filledQuantity: ZERO_QUANTITY,
    });
    emitTo(book, (head) => ({
      ...head,
      kind: 'accepted',
      orderId,
      eventAtUs,
      venueOrderId,
      exit: { parentOrderId, terms },
    }));
  }

  #settle(
    book: AccountBook,
    terms: OrderTerms,
    fill: Extract<MatcherEvent, { kind: 'filled' }>,
  ): void {
    const instrument = this.#instruments.get(terms.symbol);
    const before = book.positions.get(terms.symbol) ?? FLAT_POSITION;
    const after = applyFill(before, { ...fill, side: terms.side }, instrument);
    book.positions.set(terms.symbol, after);
    const moved = positionCashMicros(after, instrument) - positionCashMicros(before, instrument);
    book.cashMicros = cashMicros(book.cashMicros + moved);
  }

  #known(orderId: string): ExchangeOrder {
    const order = this.#orders.get(orderId);
    assert(order !== undefined, `order ${orderId} is not known`);
    return order;
  }
}

const answerOfReplace = (refusal: string | undefined): ExchangeAnswer =>
  refusal === undefined ? { kind: 'requested' } : { kind: 'rejected', reason: refusal };

function answerOf(order: ExchangeOrder): ExchangeAnswer {
  return order.state === 'rejected'
    ? { kind: 'rejected', reason: order.reason ?? 'refused' }
    : { kind: 'accepted', venueOrderId: order.venueOrderId };
}
