import {
  AppError,
  assert,
  newOrder,
  type Order,
  type OrderTerms,
  orderId,
  type PriceNanos,
  priceNanos,
  quantity,
  type TimeUs,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import type { SubmitAnswer, VenueUpdates } from '@capstan/ports';
import type { VenueHarness } from './harness.ts';

const CENT_NANOS = 10_000_000;
const DECISION_LASTS_US = 60_000_000;

/** What a row of the matrix works with: orders with ids of their own, and the account's events. */
export class Bench {
  readonly harness: VenueHarness;
  readonly #row: string;
  readonly #open: Watch[] = [];
  #count = 0;

  constructor(harness: VenueHarness, row: string) {
    this.harness = harness;
    this.#row = row;
  }

  /** Makes the terms of an order: a day market order to buy ten unless told otherwise. */
  terms(of: Partial<OrderTerms> = {}): OrderTerms {
    this.#count += 1;
    const { harness } = this;
    const intentId = `acceptance-${this.#row}-${this.#count}`;
    const decidedAtUs = harness.nowUs();
    return {
      ...{ orderId: orderId({ intentId, leg: 0, attempt: 1 }), intentId, leg: 0, attempt: 1 },
      ...{ runId: harness.runId, accountId: harness.accountId, botId: 'acceptance' },
      ...{ symbol: harness.symbol, side: 'buy', quantity: quantity(10), reducing: false },
      ...{ type: 'market', timeInForce: 'day', decidedAtUs },
      expiresAtUs: timeUs(decidedAtUs + DECISION_LASTS_US),
      ...of,
    };
  }

  /** A price on the tick, as a share of the last one. */
  async price(share: number): Promise<PriceNanos> {
    const last = await this.harness.lastPrice();
    return priceNanos(Math.round((last * share) / CENT_NANOS) * CENT_NANOS);
  }

  /** Terms that rest: a limit to buy far below the market. */
  async resting(of: Partial<OrderTerms> = {}): Promise<OrderTerms> {
    return this.terms({ type: 'limit', limitPriceNanos: await this.price(0.5), ...of });
  }

  submit(terms: OrderTerms): Promise<SubmitAnswer> {
    return this.harness.venue.submit(terms);
  }

  /** Submits an order that must be taken. @returns the venue's id of it. */
  async accepted(terms: OrderTerms): Promise<string> {
    const answer = await this.submit(terms);
    assert(answer.kind === 'accepted', `${terms.type} was answered ${JSON.stringify(answer)}`);
    return answer.venueOrderId;
  }

  /** Follows the account's events. @param after of a watch that is over, or of none. */
  async watch(after?: Watch, working: readonly OrderTerms[] = []): Promise<Watch> {
    const { venue, accountId } = this.harness;
    const { sequence, eventAtUs } = after?.place ?? { sequence: 0, eventAtUs: undefined };
    const known = working.map((terms) => asKnown(terms, after?.events ?? []));
    const past = {
      ...(eventAtUs === undefined ? {} : { eventAtUs }),
      working: known,
      orderOf: async (orderId: string) => known.find((order) => order.orderId === orderId),
    };
    const updates = await venue.updates(accountId, sequence, past);
    const watch = new Watch(updates);
    this.#open.push(watch);
    return watch;
  }

  /** Awaits a failure whose outcome is not known. */
  async unclear(call: () => Promise<unknown>): Promise<string> {
    try {
      const answer = await call();
      assert(false, `it was answered ${JSON.stringify(answer)}, where nothing is known`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code } = error;
      assert(code === 'VENUE.TIMEOUT' || code === 'VENUE.UNAVAILABLE', `it failed as ${code}`);
      return code;
    }
  }

  async close(): Promise<void> {
    for (const watch of this.#open) await watch.close();
  }
}

/** An order as who takes the events has it by then. */
function asKnown(terms: OrderTerms, events: readonly VenueEvent[]): Order {
  const own = events.filter((event) => event.orderId === terms.orderId);
  const filled = own.reduce((sum, one) => sum + (one.kind === 'filled' ? one.quantity : 0), 0);
  const accepted = own.find(({ kind }) => kind === 'accepted');
  return {
    ...newOrder(terms, terms.decidedAtUs),
    state: 'accepted',
    filledQuantity: quantity(filled),
    ...(accepted?.kind === 'accepted' ? { venueOrderId: accepted.venueOrderId } : {}),
  };
}

/** The events of an account as they come. */
export class Watch {
  readonly events: VenueEvent[] = [];
  readonly #updates: VenueUpdates;

  constructor(updates: VenueUpdates) {
    this.#updates = updates;
  }

  /** Where it stands. */
  get place(): { readonly sequence: number; readonly eventAtUs: TimeUs | undefined } {
    const last = this.events.at(-1);
    return { sequence: last?.sequence ?? 0, eventAtUs: last?.eventAtUs };
  }

  /** Reads on until something was told. @returns all that was told of an order. */
  async until(
    orderId: string,
    isThere: (events: readonly VenueEvent[]) => boolean,
  ): Promise<readonly VenueEvent[]> {
    for (;;) {
      const own = this.events.filter((event) => event.orderId === orderId);
      if (isThere(own)) return own;
      const batch = await this.#updates.next();
      assert(batch.length > 0, 'the events ended');
      for (const update of batch) if (update.kind === 'event') this.events.push(update.event);
    }
  }

  /** Reads on until so many exits of an order were told. @returns their ids by leg. */
  async untilExits(parentOrderId: string, count: number): Promise<ReadonlyMap<number, string>> {
    await this.until('', () => exitsOf(this, parentOrderId).length >= count);
    const exits = exitsOf(this, parentOrderId);
    return new Map(exits.map(({ orderId, exit }) => [exit?.terms.leg ?? 0, orderId]));
  }

  /** Reads on until an order was told as something. */
  untilKind(orderId: string, kind: VenueEvent['kind']): Promise<readonly VenueEvent[]> {
    return this.until(orderId, (events) => events.some((event) => event.kind === kind));
  }

  /** Reads on until so much of an order was told as filled. */
  untilFilled(orderId: string, amount: number): Promise<readonly VenueEvent[]> {
    return this.until(orderId, (events) => filledOf(events) >= amount);
  }

  close(): Promise<void> {
    return this.#updates.close();
  }
}

type Accepted = Extract<VenueEvent, { kind: 'accepted' }>;

/** Returns the exits of an order that were told as made. */
export const exitsOf = (watch: Watch, parentOrderId: string): readonly Accepted[] =>
  watch.events.filter(
    (event): event is Accepted =>
      event.kind === 'accepted' && event.exit?.parentOrderId === parentOrderId,
  );

/** Returns how much events tell as filled, each execution once. */
export function filledOf(events: readonly VenueEvent[]): number {
  const executions = new Map<string, number>();
  for (const event of events) {
    if (event.kind === 'filled') executions.set(event.executionId, event.quantity);
  }
  return [...executions.values()].reduce((sum, amount) => sum + amount, 0);
}

/** Counts events of a kind. */
export const countOf = (events: readonly VenueEvent[], kind: VenueEvent['kind']): number =>
  events.filter((event) => event.kind === kind).length;
