import { encodeFillEvent, encodeOrderEvent, type OrderEvent, subjects } from '@capstan/contracts';
import type { CashEvent, Fill, Intent, Order, SplitEvent, TimeUs } from '@capstan/domain';
import type { CommitDraft, OutboxDraft } from '@capstan/journal';
import type { AuditRecord, StrayRecord } from '@capstan/ports';
import type { Origin } from './state.ts';

interface VenueSlice {
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
}

/** What is told together: first the orders, then the fills, then how far the venue has matched. */
interface Chapter {
  readonly orders: Map<string, Order>;
  readonly fills: Fill[];
  readonly events: (CashEvent | SplitEvent)[];
  origin: Origin | undefined;
  venueSlice: VenueSlice | undefined;
}

const newChapter = (): Chapter => ({
  orders: new Map(),
  fills: [],
  events: [],
  origin: undefined,
  venueSlice: undefined,
});

type Answer = NonNullable<CommitDraft['commands']>[number];

/** Gathers what one commit changes and tells. */
export class Step {
  readonly #origin: Origin;
  readonly #origins = new Map<string, Origin>();
  readonly #rows: Order[] = [];
  readonly #fresh = new Map<string, Order>();
  readonly #intents: Intent[] = [];
  readonly #commands: Answer[] = [];
  readonly #audit: AuditRecord[] = [];
  readonly #strays: StrayRecord[] = [];
  #keepsState = false;
  readonly #chapters: Chapter[] = [newChapter()];
  #done: (OrderEvent['sliceDone'] & object) | undefined;
  #doneOrigin: Origin | undefined;

  /** @param origin what led to it, for all that has no origin of its own. */
  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** Tells whether there is nothing to commit. */
  get isEmpty(): boolean {
    const told = this.#chapters.some(
      ({ orders, fills, events, venueSlice }) =>
        orders.size + fills.length + events.length > 0 || venueSlice !== undefined,
    );
    return (
      !told &&
      this.#fresh.size === 0 &&
      this.#commands.length === 0 &&
      this.#audit.length === 0 &&
      this.#strays.length === 0 &&
      !this.#keepsState &&
      this.#done === undefined
    );
  }

  /** Writes the first version of an order, without telling it. */
  insert(order: Order): void {
    this.#rows.push(order);
  }

  /** Writes the newest version of an order, without telling it. */
  write(order: Order): void {
    this.#fresh.set(order.orderId, order);
  }

  /** Writes the newest version of an order and tells it. */
  tell(order: Order, origin?: Origin): void {
    this.write(order);
    const chapter = this.#chapter();
    chapter.orders.set(order.orderId, order);
    chapter.origin ??= origin;
    if (origin !== undefined) this.#origins.set(order.orderId, origin);
  }

  /** Returns what the newest version of an order goes back to. */
  originOf(order: Order): Origin {
    return this.#origins.get(order.orderId) ?? this.#origin;
  }

  fill(fill: Fill, origin: Origin): void {
    const chapter = this.#chapter();
    chapter.fills.push(fill);
    chapter.origin ??= origin;
  }

  /** Writes and tells what changes ledgers without a trade. */
  event(event: CashEvent | SplitEvent): void {
    this.#chapter().events.push(event);
  }

  /** Says that everything before is all that the venue has of bars up to a time. */
  venueSlice(feed: string, sliceEndUs: TimeUs): void {
    const chapter = this.#chapters.at(-1);
    const last = chapter?.venueSlice;
    if (chapter === undefined || (last !== undefined && last.feed !== feed)) {
      this.#chapters.push({ ...newChapter(), venueSlice: { feed, sliceEndUs } });
    } else {
      chapter.venueSlice = { feed, sliceEndUs };
    }
  }

  sliceDone(done: OrderEvent['sliceDone'] & object, origin: Origin): void {
    this.#done = done;
    this.#doneOrigin = origin;
  }

  intent(intent: Intent): void {
    this.#intents.push(intent);
  }

  answer(commandId: string, state: Answer['state'], result: string): void {
    this.#commands.push({ commandId, state, result });
  }

  /** Says that the state is to be written also where nothing else is. */
  keepState(): void {
    this.#keepsState = true;
  }

  stray(record: StrayRecord): void {
    this.#strays.push(record);
  }

  audit(record: AuditRecord): void {
    this.#audit.push(record);
  }

  /** Returns the newest versions of the orders that the step changes. */
  orders(): readonly Order[] {
    return [...this.#fresh.values()];
  }

  fills(): readonly Fill[] {
    return this.#chapters.flatMap((chapter) => chapter.fills);
  }

  /** Returns what to commit, without the state. */
  draft(of: { readonly accountId: string; readonly runId: string }): CommitDraft {
    return {
      orders: [...this.#rows, ...this.#fresh.values()],
      fills: this.fills(),
      ...this.#events(),
      strays: this.#strays,
      intents: this.#intents,
      commands: this.#commands,
      audit: this.#audit,
      outbox: this.#outbox(of),
    };
  }

  #events(): Pick<CommitDraft, 'cashEvents' | 'splits'> {
    const events = this.#chapters.flatMap((chapter) => chapter.events);
    if (events.length === 0) return {};
    return {
      cashEvents: events.filter((event) => event.kind !== 'split'),
      splits: events.filter((event) => event.kind === 'split'),
    };
  }

  #outbox(of: { readonly accountId: string; readonly runId: string }): readonly OutboxDraft[] {
    const { accountId, runId } = of;
    const outbox: OutboxDraft[] = [];
    const tellOrders = (event: Pick<OrderEvent, 'orders' | 'sliceDone'>, origin: Origin): void => {
      const data = encodeOrderEvent({ accountId, runId, ...event });
      outbox.push({ subject: subjects.order(accountId), data, ...idsOf(origin) });
    };
    let untold: readonly Order[] = [];
    for (const { orders, fills, events, venueSlice, origin = this.#origin } of this.#chapters) {
      const changed = [...orders.values()];
      const ordersAlone = fills.length + events.length === 0 && venueSlice === undefined;
      if (ordersAlone && this.#done !== undefined) {
        untold = changed;
        continue;
      }
      if (changed.length > 0) tellOrders({ orders: changed }, origin);
      if (ordersAlone) continue;
      const slice = venueSlice === undefined ? {} : { venueSlice };
      const others = events.length === 0 ? {} : { events };
      const data = encodeFillEvent({ accountId, runId, fills, ...others, ...slice });
      // A statement that a slice is matched holds for the ends of orders too.
      const after = subjects.order(accountId);
      outbox.push({ subject: subjects.fill(accountId), after, data, ...idsOf(origin) });
    }
    if (this.#done !== undefined) {
      tellOrders({ orders: untold, sliceDone: this.#done }, this.#doneOrigin ?? this.#origin);
    }
    return outbox;
  }

  /** The chapter that is being written: a venue slice closes the one before. */
  #chapter(): Chapter {
    const last = this.#chapters.at(-1);
    if (last !== undefined && last.venueSlice === undefined) return last;
    const chapter = newChapter();
    this.#chapters.push(chapter);
    return chapter;
  }
}

function idsOf({ correlationId, causationId, trace }: Origin) {
  return { correlationId, causationId, headers: trace };
}
