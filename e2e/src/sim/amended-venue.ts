import { cashMicros, quantity, type VenueActivity, type VenueEvent } from '@capstan/domain';
import type { BrokerVenue, VenueAccount, VenueUpdate, VenueUpdates } from '@capstan/ports';

/** Something that the broker does beside its exchange, after so many events of that. */
interface Amendment {
  readonly after: number;
  readonly event: VenueEvent;
}

/** What the broker has beside what its exchange says. */
interface Adjustment {
  readonly symbol: string;
  /** True where events say so; what they do not say is a drift. */
  readonly isTold: boolean;
  readonly quantity: number;
  readonly cashMicros: number;
}

/** What a broker did beside its exchange: it outlives the exchange, as that one's journal does. */
export class Amendments {
  readonly #events: Amendment[] = [];
  readonly #adjustments: Adjustment[] = [];
  readonly #placed = new Map<string, number>();
  #wake: () => void = () => undefined;
  #changed = this.#change();

  /** Adds an event after so many of the exchange. @param make makes it by its number in the account's sequence. */
  add(after: number, make: (sequence: number) => VenueEvent): void {
    this.#events.push({ after, event: make(after + this.#events.length + 1) });
    const wake = this.#wake;
    this.#changed = this.#change();
    wake();
  }

  /** Changes what the broker has, without a word. */
  adjust(adjustment: Adjustment): void {
    this.#adjustments.push(adjustment);
  }

  /** What the broker has of a symbol beside its exchange; of everything that is told, or of the rest. */
  quantityOf(symbol: string, isTold: boolean): number {
    return this.#adjustments
      .filter((one) => one.symbol === symbol && one.isTold === isTold)
      .reduce((sum, one) => sum + one.quantity, 0);
  }

  /** What the broker has in cash beside its exchange; of everything that is told, or of the rest. */
  cashOf(isTold: boolean): number {
    return this.#adjustments
      .filter((one) => one.isTold === isTold)
      .reduce((sum, one) => sum + one.cashMicros, 0);
  }

  get adjustments(): readonly Adjustment[] {
    return this.#adjustments;
  }

  /** Notes after which event each of what moved cash at the exchange came: all that was added by now came before the last. */
  place(activities: readonly VenueActivity[]): void {
    for (const { activityId, afterSequence = 0 } of activities) {
      if (this.#placed.has(activityId)) continue;
      const before = this.#events.filter(({ after }) => after <= afterSequence).length;
      this.#placed.set(activityId, afterSequence + before);
    }
  }

  /** Returns what moved cash at the exchange as it stands among all events. */
  placed(activity: VenueActivity): VenueActivity {
    const afterSequence = this.#placed.get(activity.activityId);
    return afterSequence === undefined ? activity : { ...activity, afterSequence };
  }

  /** Resolves with the next one. */
  get changed(): Promise<void> {
    return this.#changed;
  }

  /** How many events there are in all, where the exchange has told so many. */
  sequenceOf(told: number): number {
    return told + this.#events.filter(({ after }) => after < told).length;
  }

  /** Splits a sequence of all events into how many of the exchange it includes, and how many of these. */
  partsOf(sequence: number): { readonly told: number; readonly taken: number } {
    const taken = this.#events.filter(({ event }) => event.sequence <= sequence).length;
    return { told: sequence - taken, taken };
  }

  /** Returns the next one from `taken` on, where it comes before the exchange's event after `told`. */
  due(taken: number, told: number): VenueEvent | undefined {
    const next = this.#events[taken];
    return next !== undefined && next.after <= told ? next.event : undefined;
  }

  get count(): number {
    return this.#events.length;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** An exchange whose broker also busts and corrects fills, and has what the exchange does not know of. */
export function amendedVenue(exchange: BrokerVenue, amendments: Amendments): BrokerVenue {
  return {
    capabilities: exchange.capabilities,
    submit: (order, cause) => exchange.submit(order, cause),
    submitAll: (orders, cause) => exchange.submitAll(orders, cause),
    cancel: (accountId, orderId) => exchange.cancel(accountId, orderId),
    replace: (accountId, orderId, to) => exchange.replace(accountId, orderId, to),
    find: (accountId, orderId) => exchange.find(accountId, orderId),
    openOrders: (accountId) => exchange.openOrders(accountId),
    account: async (accountId) => amendedAccount(await exchange.account(accountId), amendments),
    activities: async (accountId, after) => {
      const told = await exchange.activities(accountId, after);
      return told.map((activity) => amendments.placed(activity));
    },
    updates: async (accountId, afterSequence) => {
      const { told, taken } = amendments.partsOf(afterSequence);
      const inner = await exchange.updates(accountId, told);
      return new AmendedUpdates(inner, amendments, { told, taken });
    },
  };
}

function amendedAccount(account: VenueAccount, amendments: Amendments): VenueAccount {
  const { adjustments, count } = amendments;
  const cash = adjustments.reduce((sum, one) => sum + one.cashMicros, account.cashMicros as number);
  const held = new Map(account.positions.map((one) => [one.symbol, one]));
  for (const { symbol, quantity: change } of adjustments) {
    const { quantity: before = quantity(0), costMicros = cashMicros(0) } = held.get(symbol) ?? {};
    held.set(symbol, { symbol, quantity: quantity(before + change), costMicros });
  }
  const positions = [...held.values()].filter((one) => one.quantity !== 0);
  return {
    ...account,
    cashMicros: cashMicros(cash),
    positions: positions.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    sequence: account.sequence + count,
  };
}

/** The exchange's events and the broker's in one sequence. */
class AmendedUpdates implements VenueUpdates {
  readonly #inner: VenueUpdates;
  readonly #amendments: Amendments;
  #told: number;
  #taken: number;
  #reading: Promise<readonly VenueUpdate[]> | undefined;
  #closed = false;

  constructor(
    inner: VenueUpdates,
    amendments: Amendments,
    from: { readonly told: number; readonly taken: number },
  ) {
    this.#inner = inner;
    this.#amendments = amendments;
    this.#told = from.told;
    this.#taken = from.taken;
  }

  async next(): Promise<readonly VenueUpdate[]> {
    while (!this.#closed) {
      const due = this.#due();
      if (due.length > 0) return due;
      this.#reading ??= this.#inner.next();
      const came = await Promise.race([this.#reading, this.#amendments.changed]);
      if (came === undefined) continue;
      this.#reading = undefined;
      if (came.length === 0) return [];
      return came.flatMap((update) => this.#numbered(update));
    }
    return [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#inner.close();
  }

  #numbered(update: VenueUpdate): readonly VenueUpdate[] {
    if (update.kind === 'slice') {
      const afterSequence = this.#amendments.sequenceOf(update.afterSequence);
      return [...this.#due(), { ...update, afterSequence }];
    }
    const due = this.#due();
    this.#told = update.event.sequence;
    const event = { ...update.event, sequence: this.#told + this.#taken };
    return [...due, { ...update, event }];
  }

  #due(): readonly VenueUpdate[] {
    const due: VenueUpdate[] = [];
    for (;;) {
      const event = this.#amendments.due(this.#taken, this.#told);
      if (event === undefined) return due;
      this.#taken += 1;
      due.push({ kind: 'event', event });
    }
  }
}
