import {
  AccountLedger,
  assert,
  type CashEvent,
  type CashMicros,
  deriveId,
  type Fill,
  isExit,
  type OrderTerms,
  type Quantity,
  type VenueEvent,
} from '@capstan/domain';
import { ExchangeCore, HOUSE } from '@capstan/engine';
import type { JournalEntry } from '../../../../services/paper-exchange/src/journal.ts';
import {
  ACCOUNT_ID,
  CASH,
  calendarOf,
  exchangeAccount,
  instruments,
  type Scenario,
} from '../scenario.ts';
import type { Sendings } from './absences.ts';

/** A venue's later word on an execution, and where it stands among the venue's events. */
export type Amendment = Extract<VenueEvent, { kind: 'busted' | 'corrected' }>;

type Execution = Extract<VenueEvent, { kind: 'filled' }>;

/** Tells a trade from cash that moved without one. */
export const isFill = (entry: Fill | CashEvent): entry is Fill => 'fillId' in entry;

/**
 * What the broker really did, followed as the exchange writes it down: a second exchange that takes the same inputs, and the ledgers
 * that follow from its fills. What the platform keeps must be the beginning of it at any time.
 */
export class BrokerTruth {
  readonly exchange: ExchangeCore;
  /**
   * Every fill, bust and correction in the venue's order, with those of bots with each other and what moved cash without a trade, numbered
   * as the platform must number them.
   */
  readonly entries: (Fill | CashEvent)[] = [];
  /** Bots and symbols in which the venue took something back: orders out for what was held then close too much. */
  readonly amended = new Set<string>();
  readonly #executions = new Map<string, Execution>();
  readonly #sendings: Sendings;
  readonly #accepted = new Map<string, OrderTerms>();
  readonly #overtaken = new Set<string>();
  #ledger: AccountLedger;
  #seen = 0;

  /** @param sendings what was sent, and what of it was given up: the platform could not count with what that does nevertheless. */
  constructor({ behaviour }: Scenario, sendings: Sendings) {
    this.#sendings = sendings;
    this.exchange = new ExchangeCore(
      { behaviour, accounts: [exchangeAccount] },
      instruments,
      calendarOf,
    );
    this.#ledger = this.#newLedger();
  }

  /** What follows from the entries. */
  get ledger(): Omit<AccountLedger, 'apply' | 'fund'> {
    return this.#ledger;
  }

  /** How many events the exchange has told. */
  get sequence(): number {
    return this.#seen;
  }

  /**
   * Takes what the exchange wrote.
   * @throws Error where an order came to be twice, or one that reduces added.
   */
  take(entries: readonly JournalEntry[]): void {
    for (const entry of entries) if (entry.kind === 'input') this.exchange.apply(entry.input);
    const events = this.exchange.events(ACCOUNT_ID, this.#seen);
    this.#seen += events.length;
    for (const event of events) {
      if (event.kind === 'accepted') this.#accept(event.orderId);
      if (event.kind === 'filled') this.#fill(event);
    }
  }

  /**
   * Takes what has its place where the platform has put it, a fill of bots with each other or cash: what it has not taken of the broker
   * comes after it.
   */
  insert(entry: Fill | CashEvent): void {
    const later = this.entries.splice(entry.accountSequence - 1);
    this.entries.push(entry);
    for (const one of later) {
      this.entries.push({ ...one, accountSequence: this.entries.length + 1 });
    }
    this.#ledger = this.#newLedger();
    for (const one of this.entries) this.#ledger.apply(one);
  }

  #newLedger(): AccountLedger {
    const ledger = new AccountLedger(ACCOUNT_ID, instruments, (botId, symbol) =>
      this.entries.filter(isFill).filter((one) => one.botId === botId && one.symbol === symbol),
    );
    ledger.fund(HOUSE, CASH);
    return ledger;
  }

  /** Takes the venue's word on an execution. @returns what it changes of cash and of the quantity held. */
  amend(event: Amendment): { readonly cashMicros: number; readonly quantity: number } {
    const { executionId } = event;
    const execution = this.#executions.get(executionId);
    assert(execution !== undefined, `no execution ${executionId}`);
    const terms = this.terms(event.orderId);
    const kind = event.kind === 'busted' ? 'bust' : 'correction';
    const fillId = deriveId('venue-word', ACCOUNT_ID, event.sequence);
    const said = event.kind === 'busted' ? execution : event;
    const before = this.#totals(terms.symbol);
    this.amended.add(`${terms.botId} ${terms.symbol}`);
    this.#enter(
      terms,
      { ...said, eventAtUs: event.eventAtUs },
      { fillId, kind, refersTo: executionId },
    );
    const after = this.#totals(terms.symbol);
    return {
      cashMicros: after.cashMicros - before.cashMicros,
      quantity: after.quantity - before.quantity,
    };
  }

  /** Executions of orders that have ended, on which nothing was said since. */
  amendable(): readonly Execution[] {
    const told = new Set(this.entries.filter(isFill).map(({ refersTo }) => refersTo));
    return [...this.#executions.values()].filter(
      ({ executionId, orderId }) =>
        !told.has(executionId) && this.exchange.order(orderId)?.state === 'filled',
    );
  }

  /** What each bot holds of a symbol now; who holds nothing is left out. */
  holdersOf(symbol: string): ReadonlyMap<string, Quantity> {
    const bots = [...new Set(this.entries.map(({ botId }) => botId))].sort();
    const held = bots.map(
      (botId) => [botId, this.ledger.position(botId, symbol).quantity] as const,
    );
    return new Map(held.filter(([, quantity]) => quantity !== 0));
  }

  /** Tells whether the venue took something back in a symbol. */
  isAmended(symbol: string): boolean {
    return [...this.amended].some((pair) => pair.endsWith(` ${symbol}`));
  }

  terms(orderId: string): OrderTerms {
    const order = this.exchange.order(orderId);
    assert(order !== undefined, `the exchange has no order ${orderId}`);
    return order.terms;
  }

  #totals(symbol: string): { readonly cashMicros: CashMicros; readonly quantity: number } {
    const { ledger } = this;
    return { cashMicros: ledger.totalCashMicros(), quantity: ledger.netQuantity(symbol) };
  }

  #accept(orderId: string): void {
    if (this.#accepted.has(orderId)) throw new Error(`the broker has order ${orderId} twice`);
    this.#accepted.set(orderId, this.terms(orderId));
  }

  #fill(event: Execution): void {
    const { executionId, orderId } = event;
    const terms = this.terms(orderId);
    const { botId, symbol } = terms;
    const before = this.ledger.position(botId, symbol).quantity;
    this.#executions.set(executionId, event);
    this.#enter(terms, event, { fillId: executionId, kind: 'fill' });
    const after = this.ledger.position(botId, symbol).quantity;
    const isBack = this.#sendings.has(orderId);
    if (!terms.reducing || isBack) this.#overtake(terms, this.#accepted.values());
    if (isExit(terms)) this.#overtake(terms, this.#onTheWay());
    const adds = after * before < 0 || Math.abs(after) > Math.abs(before);
    const isExcused =
      this.amended.has(`${botId} ${symbol}`) || this.#overtaken.has(orderId) || isBack;
    if (terms.reducing && adds && !isExcused) {
      throw new Error(
        `order ${orderId}, which reduces, took ${botId} ${symbol} from ${before} to ${after}`,
      );
    }
  }

  /**
   * What was to reduce and is there adds to what an order that adds has made of the position before it: limits count both. One that
   * the venue had said not to have, past its visibility, was not counted with by what was sent since. And an exit that the venue keeps
   * may close what is to be closed by an order that is still on its way.
   */
  #overtake({ botId, symbol, side }: OrderTerms, orders: Iterable<OrderTerms>): void {
    for (const terms of orders) {
      if (terms.botId !== botId || terms.symbol !== symbol || terms.side !== side) continue;
      this.#overtaken.add(terms.orderId);
    }
  }

  /** What was sent and has not come. */
  #onTheWay(): readonly OrderTerms[] {
    return [...this.#sendings.sent()].filter(({ orderId }) => !this.#accepted.has(orderId));
  }

  #enter(
    { orderId, runId, accountId, botId, symbol, side }: OrderTerms,
    {
      quantity,
      priceNanos,
      feeMicros,
      eventAtUs,
    }: Pick<Fill, 'quantity' | 'priceNanos' | 'feeMicros' | 'eventAtUs'>,
    what: Pick<Fill, 'fillId' | 'kind' | 'refersTo'>,
  ): void {
    const fill: Fill = {
      ...what,
      ...{ orderId, runId, accountId, botId, symbol, side },
      ...{ quantity, priceNanos, feeMicros, eventAtUs },
      accountSequence: this.entries.length + 1,
    };
    this.entries.push(fill);
    this.#ledger.apply(fill);
  }
}
