import {
  cashMicros,
  type OrderTerms,
  orderId,
  type PriceNanos,
  priceNanos,
  quantity,
  timeUs,
  type VenueEvent,
  type VenueReplaced,
  ZERO_CASH,
} from '@capstan/domain';
import type {
  BrokerVenue,
  CancelAnswer,
  SubmitAnswer,
  VenueAccount,
  VenueActivity,
  VenueCapabilities,
  VenueOrder,
  VenueOrderState,
  VenuePast,
  VenueUpdate,
  VenueUpdates,
} from '@capstan/ports';
import { portErrors } from '@capstan/testkit';

/** What the venue does with the next order: `unanswered` takes it, `lost` does not; both give no answer. */
export type Doing = 'accept' | 'reject' | 'unanswered' | 'lost' | 'fillFirst';

export interface Placed {
  terms: OrderTerms;
  readonly venueOrderId: string;
  state: VenueOrderState;
  filled: number;
}

export const CAREFUL: VenueCapabilities = {
  enforcesClientOrderId: true,
  batchSubmitMax: 1,
  findsByClientOrderId: true,
  visibilityMs: 0,
  numbersEvents: true,
  reportsSlices: true,
  replaces: true,
  orderTypes: ['market', 'limit'],
  timesInForce: ['day', 'gtc'],
  exits: [],
  exitsBegin: 'eachFill',
  exitsHold: false,
  exitsLater: false,
  activities: 'all',
};

/** A broker of which nobody can learn by an order's id whether it has the order. */
export const MUTE: VenueCapabilities = {
  ...CAREFUL,
  enforcesClientOrderId: false,
  findsByClientOrderId: false,
};

export const PRICE: PriceNanos = priceNanos(100_000_000_000);

export type Detail = VenueEvent extends infer Event
  ? Event extends VenueEvent
    ? Omit<Event, 'sequence' | 'accountId' | 'eventAtUs'>
    : never
  : never;

/** A broker that does what a test says. Its events outlive its clients. */
export class TestVenue implements BrokerVenue {
  capabilities: VenueCapabilities = CAREFUL;
  /** Nobody gets an answer. */
  down = false;
  /** Nobody hears of events; who asks for them again when it is over hears of all. */
  silent = false;
  /** What happens to the orders to come, the next first; `accept` beyond. */
  readonly doings: Doing[] = [];
  /** True where it answers a second order of an id by saying so, else as the first. */
  saysDuplicate = false;
  /** Called as an order arrives, before anything is done with it. */
  onSubmit: (order: OrderTerms) => void = () => undefined;
  /** Every order that arrived, also repeated ones. */
  readonly arrivals: string[] = [];
  /** The orders of each call of `submitAll`. */
  readonly batches: string[][] = [];
  readonly cancels: string[] = [];
  /** Every replace that arrived, also repeated ones. */
  readonly replaces: (VenueReplaced & { readonly orderId: string })[] = [];
  readonly #replaced = new Map<string, number>();
  /** How often the id of an order that is there was taken for a second one. */
  doubled = 0;
  nowUs = 0;
  readonly events: VenueEvent[] = [];
  readonly #orders = new Map<string, Placed>();
  readonly #readers = new Set<Reader>();

  placed(orderId: string): Placed | undefined {
    return this.#orders.get(orderId);
  }

  async submit(order: OrderTerms): Promise<SubmitAnswer> {
    this.onSubmit(order);
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    const doing = this.doings.shift() ?? 'accept';
    this.arrivals.push(order.orderId);
    if (doing === 'lost') throw portErrors.venueTimeout('no answer');
    const before = this.#orders.get(order.orderId);
    if (before !== undefined && !this.capabilities.enforcesClientOrderId) this.doubled += 1;
    if (before !== undefined && this.saysDuplicate && doing === 'accept')
      return { kind: 'duplicate' };
    const placed = before ?? this.#place(order, doing);
    if (doing === 'unanswered') throw portErrors.venueTimeout('no answer');
    return placed.state === 'rejected'
      ? { kind: 'rejected', reason: 'not today' }
      : { kind: 'accepted', venueOrderId: placed.venueOrderId };
  }

  /** An order without an answer takes the answers of all others with it; those after it never arrive. */
  async submitAll(orders: readonly OrderTerms[]): Promise<readonly SubmitAnswer[]> {
    this.batches.push(orders.map((order) => order.orderId));
    const answers: SubmitAnswer[] = [];
    for (const order of orders) answers.push(await this.submit(order));
    return answers;
  }

  #place(terms: OrderTerms, doing: Doing): Placed {
    const { orderId } = terms;
    const venueOrderId = `X${this.#orders.size + 1}`;
    const state = doing === 'reject' ? 'rejected' : 'working';
    const placed: Placed = { terms, venueOrderId, state, filled: 0 };
    this.#orders.set(orderId, placed);
    if (doing === 'fillFirst') this.fill(orderId, terms.quantity);
    if (doing === 'reject') this.emit({ kind: 'rejected', orderId, reason: 'not today' });
    else {
      this.emit({ kind: 'accepted', orderId, venueOrderId });
      this.begun(terms);
    }
    return placed;
  }

  /** Called as an order begins to work. */
  protected begun(_order: OrderTerms): void {}

  /** What it tells of corporate actions and cash. */
  readonly told: VenueActivity[] = [];

  async activities(_accountId: string, afterActivityId: string): Promise<readonly VenueActivity[]> {
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    const after = this.told.findIndex((one) => one.activityId === afterActivityId);
    return this.told.slice(after + 1);
  }

  async cancel(_accountId: string, orderId: string): Promise<CancelAnswer> {
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    this.cancels.push(orderId);
    const placed = this.#orders.get(orderId);
    if (placed?.state !== 'working') return { kind: 'rejected', reason: 'nothing to cancel' };
    placed.state = 'cancelled';
    this.emit({ kind: 'cancelled', orderId, reason: 'as asked' });
    return { kind: 'requested' };
  }

  async replace(_accountId: string, orderId: string, to: VenueReplaced): Promise<CancelAnswer> {
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    this.replaces.push({ orderId, ...to });
    const placed = this.#orders.get(orderId);
    if ((this.#replaced.get(orderId) ?? 0) >= to.count) return { kind: 'requested' };
    if (placed?.state !== 'working' || placed.filled >= to.quantity) {
      const reason = 'nothing to replace';
      if (placed !== undefined) this.emit({ kind: 'replaceRejected', orderId, reason });
      return { kind: 'rejected', reason };
    }
    this.#replaced.set(orderId, to.count);
    const { count, ...revision } = to;
    placed.terms = { ...placed.terms, ...revision };
    this.emit({ kind: 'replaced', orderId, ...to });
    return { kind: 'requested' };
  }

  async find(_accountId: string, orderId: string): Promise<VenueOrder | undefined> {
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    const placed = this.#orders.get(orderId);
    if (placed === undefined) return undefined;
    const { terms, venueOrderId, state, filled } = placed;
    const { symbol, side } = terms;
    return { venueOrderId, orderId, symbol, side, state, filledQuantity: quantity(filled) };
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    return this.working().map(({ terms: { orderId, symbol }, venueOrderId, state, filled }) => {
      return { venueOrderId, orderId, symbol, state, filledQuantity: quantity(filled) };
    });
  }

  /** What works here, in the order in which it came. */
  working(): readonly Placed[] {
    return [...this.#orders.values()].filter(({ state }) => state === 'working');
  }

  /** What others than Capstan hold here. */
  readonly foreign = new Map<string, number>();

  /** What all events so far leave in each symbol. */
  #positions(): VenueAccount['positions'] {
    const held = new Map(this.foreign);
    const executions = new Map<string, { symbol: string; change: number }>();
    const count = (symbol: string, change: number): void => {
      held.set(symbol, (held.get(symbol) ?? 0) + change);
    };
    for (const event of this.events) {
      const terms = this.#orders.get(event.orderId)?.terms;
      if (!('executionId' in event) || terms === undefined) continue;
      const before = executions.get(event.executionId)?.change ?? 0;
      const amount = 'quantity' in event ? event.quantity : 0;
      const change = terms.side === 'buy' ? amount : -amount;
      if (event.kind === 'filled' && executions.has(event.executionId)) continue;
      count(terms.symbol, change - before);
      executions.set(event.executionId, { symbol: terms.symbol, change });
    }
    return [...held]
      .filter(([, amount]) => amount !== 0)
      .map(([symbol, amount]) => ({ symbol, quantity: quantity(amount), costMicros: ZERO_CASH }));
  }

  /** How much is held here of a symbol. */
  heldIn(symbol: string): number {
    return this.#positions().find((one) => one.symbol === symbol)?.quantity ?? 0;
  }

  async account(accountId: string): Promise<VenueAccount> {
    if (this.down) throw portErrors.venueUnavailable('the venue is down');
    const sequence = this.events.length;
    const positions = this.#positions();
    return { accountId, currency: 'USD', cashMicros: ZERO_CASH, sequence, positions };
  }

  async updates(
    _accountId: string,
    afterSequence: number,
    _past?: VenuePast,
  ): Promise<VenueUpdates> {
    const reader = new Reader(this.#readers);
    const missed = this.events.filter((event) => event.sequence > afterSequence);
    if (!this.silent) reader.push(...missed.map((event) => ({ kind: 'event', event }) as const));
    this.#readers.add(reader);
    return reader;
  }

  /** Makes an exit of an order that is there, as a venue does that keeps them. @returns its id. */
  protect(parentOrderId: string, leg: number, of: Partial<OrderTerms>): string {
    const entry = this.#orders.get(parentOrderId)?.terms;
    if (entry === undefined) throw new Error(`there is no order ${parentOrderId}`);
    const { exits, limitPriceNanos, stopPriceNanos, ...rest } = entry;
    const { intentId, attempt } = entry;
    const id = orderId({ intentId, leg, attempt });
    const side = entry.side === 'buy' ? 'sell' : 'buy';
    const terms: OrderTerms = { ...rest, orderId: id, side, leg, reducing: true, ...of };
    const venueOrderId = `X${this.#orders.size + 1}`;
    this.#orders.set(id, { terms, venueOrderId, state: 'working', filled: 0 });
    this.emit({ kind: 'accepted', orderId: id, venueOrderId, exit: { parentOrderId, terms } });
    return id;
  }

  /** Fills an order, in part or in full. */
  fill(orderId: string, amount: number, executionId = `E${this.events.length + 1}`, fee = 0): void {
    const placed = this.#orders.get(orderId);
    if (placed !== undefined) {
      placed.filled += amount;
      if (placed.filled >= placed.terms.quantity) placed.state = 'filled';
    }
    this.emit({
      kind: 'filled',
      orderId,
      executionId,
      quantity: quantity(amount),
      priceNanos: PRICE,
      feeMicros: cashMicros(fee),
    });
  }

  /** Tells an event, the next of the account's sequence. */
  emit(detail: Detail): void {
    const event = {
      ...detail,
      sequence: this.events.length + 1,
      accountId: 'paper',
      eventAtUs: timeUs(this.nowUs),
    } as VenueEvent;
    this.events.push(event);
    this.tell({ kind: 'event', event });
  }

  slice(sliceEndUs: number): void {
    this.tell({
      kind: 'slice',
      accountId: 'paper',
      feed: 'demo',
      sliceEndUs: timeUs(sliceEndUs),
      afterSequence: this.events.length,
    });
  }

  /** Tells updates as they are, whatever was told before. */
  tell(...updates: readonly VenueUpdate[]): void {
    if (this.silent) return;
    for (const reader of this.#readers) reader.push(...updates);
  }
}

class Reader implements VenueUpdates {
  readonly #readers: Set<Reader>;
  readonly #arrived: VenueUpdate[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(readers: Set<Reader>) {
    this.#readers = readers;
  }

  push(...updates: readonly VenueUpdate[]): void {
    this.#arrived.push(...updates);
    this.#wake?.();
  }

  async next(): Promise<readonly VenueUpdate[]> {
    while (this.#arrived.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#closed ? [] : this.#arrived.splice(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#readers.delete(this);
    this.#wake?.();
  }
}
