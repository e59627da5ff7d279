import {
  AppError,
  type Order,
  type OrderTerms,
  revisionOf,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import type { Clock, Log, VenuePast, VenueUpdate, VenueUpdates } from '@capstan/ports';
import { z } from 'zod';
import type { AccountReads } from './account-reads.ts';
import type { AlpacaApi } from './alpaca-api.ts';
import type { Amounts } from './amounts.ts';
import type { StoryWant } from './exit-places.ts';
import {
  BEGIN_OVERLAP_US,
  FILLS_OVERLAP_US,
  KEPT_US,
  LISTEN_MS,
  LOOK_AGAIN_MS,
  LOOK_EVERY_MS,
  RECONNECT_MS,
  RECONNECT_MS_MAX,
  WATCHED_MS,
} from './limits.ts';
import { OrderStory } from './order-story.ts';
import { ownIdOf } from './order-words.ts';
import type { FillRow, OrderRow, TradeUpdate } from './rows.ts';
import type { KnownOrder, StoryEvent } from './story-order.ts';
import { openTradeStream } from './trade-stream.ts';

export interface AccountUpdatesPorts {
  readonly api: AlpacaApi;
  readonly reads: AccountReads;
  readonly amounts: Amounts;
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers the next event of the account. */
  readonly number: () => number;
  /** Notes which of Alpaca's orders is an order of ours that it made. */
  readonly noteExit: (orderId: string, venueOrderId: string) => void;
  readonly lookEveryMs?: number;
}

type Wish =
  | { readonly kind: 'update'; readonly update: TradeUpdate }
  | { readonly kind: 'look'; done(failure?: unknown): void };

/**
 * An account's events: what the stream of order updates says, and what orders and fills show when they are looked over, which is done
 * with each connection, on a slow schedule, and at once where something is known to be missing.
 */
export class AccountUpdates implements VenueUpdates {
  readonly #ports: AccountUpdatesPorts;
  readonly #accountId: string;
  readonly #past: VenuePast;
  readonly #story: OrderStory;
  readonly #stop = new AbortController();
  readonly #arrived: VenueUpdate[] = [];
  readonly #wishes: Wish[] = [];
  /** Orders of ours that are to be found, by our id, and since when by the monotonic clock: sent, or working where events are taken. */
  readonly #watched: Map<string, number>;
  /** Earlier fills of somebody else are none of this story. */
  readonly #othersFromUs: TimeUs;
  /** Orders whose cancel was asked for here. */
  readonly #unwanted = new Set<string>();
  #fillsAfterUs: TimeUs;
  #isLookWanted = false;
  #looking: Promise<void> | undefined;
  #wakeReader: () => void = () => undefined;
  #wakeWorker: () => void = () => undefined;
  #close: () => void = () => undefined;

  constructor(ports: AccountUpdatesPorts, accountId: string, past: VenuePast) {
    this.#ports = ports;
    this.#accountId = accountId;
    this.#past = past;
    const nowMs = ports.clock.monotonicMs();
    this.#watched = new Map(past.working.map(({ orderId }) => [orderId, nowMs]));
    const nowUs = ports.clock.nowUs();
    const { eventAtUs } = past;
    this.#othersFromUs = timeUs(eventAtUs === undefined ? nowUs : eventAtUs - BEGIN_OVERLAP_US);
    const working = past.working.map(knownOrder);
    this.#story = new OrderStory(ports.amounts, working, this.#othersFromUs);
    this.#fillsAfterUs = timeUs(
      Math.min(this.#othersFromUs, ...past.working.map((order) => order.decidedAtUs)),
    );
    void this.#work();
    void this.#connect();
    void this.#schedule();
  }

  /** Sees to it that what becomes of an order is found, and of its exits, also where the stream says nothing of it. */
  watch(order: OrderTerms): void {
    this.#watched.set(order.orderId, this.#ports.clock.monotonicMs());
    if (order.exits !== undefined) this.#tell(this.#story.learn(order.orderId, order));
  }

  /** Takes an order with its exits as Alpaca answered it. */
  show(row: OrderRow): void {
    this.#tell(this.#story.takeRow(row));
  }

  /** Returns the terms of an order of ours, as far as they are known here; its exits follow from them. */
  termsOf(orderId: string): Promise<Order | undefined> {
    return this.#past.orderOf(orderId);
  }

  /**
   * Looks over orders and fills, from now on.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE, VENUE.CREDENTIALS; also where fills of our orders are known of and not listed yet.
   */
  look(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wish({
        kind: 'look',
        done: (failure) => (failure === undefined ? resolve() : reject(failure)),
      });
    });
  }

  async next(): Promise<readonly VenueUpdate[]> {
    while (this.#arrived.length === 0 && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    return this.#stop.signal.aborted ? [] : this.#arrived.splice(0);
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#close();
    this.#wakeReader();
    this.#wakeWorker();
    for (const wish of this.#wishes.splice(0)) if (wish.kind === 'look') wish.done(closed());
    return Promise.resolve();
  }

  #wish(wish: Wish): void {
    if (this.#stop.signal.aborted) {
      if (wish.kind === 'look') wish.done(closed());
      return;
    }
    this.#wishes.push(wish);
    this.#wakeWorker();
  }

  /** Takes one wish after the other, so that what is told stays in order. */
  async #work(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const wish = this.#wishes.shift();
      if (wish === undefined) {
        await new Promise<void>((resolve) => {
          this.#wakeWorker = resolve;
        });
      } else if (wish.kind === 'look') {
        await this.#lookOver().then(
          () => wish.done(),
          (error: unknown) => wish.done(error),
        );
      } else {
        this.#takeUpdate(wish.update);
      }
    }
  }

  /** A message that cannot be read is as one that was lost: what it said is found. */
  #takeUpdate(update: TradeUpdate): void {
    try {
      this.#readUpdate(update);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#ports.log.warn('an order update cannot be read', { account: this.#accountId, error });
      void this.#lookSoon();
    }
  }

  #readUpdate(update: TradeUpdate): void {
    const { clock, log } = this.#ports;
    // Whose order this is says the one whose place it took: that is looked for first.
    if (!this.#isPlaced(update.order)) return void this.#lookSoon();
    const events = this.#story.takeUpdate(update, clock.nowUs());
    const isAmending = update.event === 'trade_bust' || update.event === 'trade_correct';
    if (isAmending && events.length === 0) {
      const { execution_id: executionId, order } = update;
      const what = {
        account: this.#accountId,
        event: update.event,
        executionId,
        symbol: order.symbol,
      };
      log.error('Alpaca takes back a trade that was not told here: compare the account', what);
    }
    this.#tell(events);
    if (this.#isMissing()) void this.#lookSoon();
  }

  #isPlaced({ id, replaces }: OrderRow): boolean {
    const isFirst = replaces == null || replaces === '';
    return isFirst || this.#story.knows(id) || this.#story.knows(replaces);
  }

  #isMissing(): boolean {
    const story = this.#story;
    const missing = [
      story.missingFills(),
      story.missingLinks(),
      story.wants(),
      story.overfilling(),
    ];
    return missing.some((one) => one.length > 0) || story.hasLooseEnds();
  }

  /** Shows all orders that matter to the story, then all fills since the last look. */
  async #lookOver(): Promise<void> {
    const { reads } = this.#ports;
    const open = await reads.openOrders();
    for (const row of open) if (row.replaces == null) this.#tell(this.#story.takeRow(row));
    const seen = new Set(open.map((row) => row.id));
    for (const venueOrderId of this.#story.open(seen)) {
      const row = await reads.order(venueOrderId);
      if (row !== undefined) this.#tell(this.#story.takeRow(row));
    }
    await this.#lookForWatched();
    await this.#lookForLinks();
    for (const row of open) if (row.replaces != null) await this.#seeOrder(row.id);
    await this.#lookForPlaces();
    await this.#lookForFills();
    await this.#lookForPlaces();
    await this.#cancelOverfilling();
    const [short] = this.#story.missingFills();
    if (short !== undefined) throw unlisted(short);
    const [want] = this.#story.wants();
    if (want !== undefined) throw unplaced(want.id);
    this.#story.forget(this.#ports.clock.nowUs() - KEPT_US, this.#fillsAfterUs);
  }

  /** Finds out whose the orders are that hang together: an exit's row does not say it. */
  async #lookForPlaces(): Promise<void> {
    const asked = new Set<string>();
    for (;;) {
      const wants = [...this.#story.wants(), ...this.#story.unopened()];
      const next = wants.find(({ kind, id }) => !asked.has(`${kind} ${id}`));
      if (next === undefined) return;
      asked.add(`${next.kind} ${next.id}`);
      await this.#lookFor(next);
    }
  }

  async #lookFor(want: StoryWant): Promise<void> {
    const { reads } = this.#ports;
    if (want.kind === 'terms') {
      this.#tell(this.#story.learn(want.id, await this.#past.orderOf(want.id)));
      return;
    }
    const row = await (want.kind === 'family' ? reads.familyOf(want.row) : reads.order(want.id));
    if (row === undefined) return;
    if (row.replaces != null && row.replaces !== '') await this.#seeOrder(row.replaces);
    await this.#recall(row);
    this.#tell(want.kind === 'family' ? this.#story.takeHead(row) : this.#story.takeRow(row));
  }

  /** An entry whose exits work may have ended long ago: what is known of it is not told again. */
  async #recall({ client_order_id }: OrderRow): Promise<void> {
    const orderId = ownIdOf(client_order_id)?.orderId;
    if (orderId === undefined || this.#story.has(orderId)) return;
    const order = await this.#past.orderOf(orderId);
    if (order !== undefined) this.#story.recall(knownOrder(order));
  }

  /** What took the place of an order of ours, and may fill again what that had filled by then, is cancelled. */
  async #cancelOverfilling(): Promise<void> {
    const { api, log } = this.#ports;
    for (const venueOrderId of this.#story.overfilling()) {
      if (this.#unwanted.has(venueOrderId)) continue;
      const account = this.#accountId;
      const orderId = this.#story.orderIdOf(venueOrderId);
      log.warn('a part filled while new terms were asked for: the order is cancelled', {
        ...{ account, orderId, venueOrderId },
      });
      await api.ask('cancel an order', z.unknown(), ({ orders }) =>
        orders.deleteOrderByOrderIDRaw({ orderId: venueOrderId }),
      );
      this.#unwanted.add(venueOrderId);
    }
  }

  async #lookForWatched(): Promise<void> {
    const { reads, clock } = this.#ports;
    for (const [orderId, sinceMs] of [...this.#watched]) {
      const isOver = clock.monotonicMs() - sinceMs > WATCHED_MS;
      const chain = this.#story.has(orderId) ? [] : await reads.chainOf(orderId);
      for (const row of chain) this.#tell(this.#story.takeRow(row));
      if (isOver) this.#story.unlearn(orderId);
      if (isOver || this.#story.has(orderId)) this.#watched.delete(orderId);
    }
  }

  async #lookForLinks(): Promise<void> {
    const asked = new Set<string>();
    for (;;) {
      const next = this.#story.missingLinks().find((one) => !asked.has(one));
      if (next === undefined) return;
      asked.add(next);
      const row = await this.#ports.reads.order(next);
      if (row !== undefined) this.#tell(this.#story.takeRow(row));
    }
  }

  async #lookForFills(): Promise<void> {
    const fills = await this.#ports.reads.fillsAfter(this.#fillsAfterUs);
    for (const fill of fills) {
      const link = await this.#seeOrder(fill.order_id);
      if (link && !this.#isOthersPast(fill)) this.#tell(this.#story.takeFill(fill));
    }
    await this.#lookForEarlierFills();
    const last = this.#ports.amounts.time(fills.at(-1)?.transaction_time);
    if (last === undefined) return;
    this.#fillsAfterUs = timeUs(Math.max(this.#fillsAfterUs, last - FILLS_OVERLAP_US));
  }

  /** An order of ours may have been filled before all that is looked for: one from before this database, or listed late. */
  async #lookForEarlierFills(): Promise<void> {
    const sinceUs = this.#story.missingFillsSinceUs();
    if (sinceUs === undefined || sinceUs >= this.#fillsAfterUs) return;
    for (const fill of await this.#ports.reads.fillsAfter(sinceUs)) {
      if (this.#story.isOwn(fill.order_id)) this.#tell(this.#story.takeFill(fill));
    }
  }

  #isOthersPast(fill: FillRow): boolean {
    if (!this.#story.isOthers(fill.order_id)) return false;
    return (this.#ports.amounts.time(fill.transaction_time) ?? 0) < this.#othersFromUs;
  }

  /** Shows an order, those first whose place it took. @returns false where Alpaca does not have it. */
  async #seeOrder(venueOrderId: string): Promise<boolean> {
    if (this.#story.knows(venueOrderId)) return true;
    const row = await this.#ports.reads.order(venueOrderId);
    if (row === undefined) return false;
    if (row.replaces != null && row.replaces !== '') await this.#seeOrder(row.replaces);
    this.#tell(this.#story.takeRow(row));
    // Whose it is must be known before its fills are.
    if (this.#story.wants().length > 0) await this.#lookForPlaces();
    return true;
  }

  #tell(events: readonly StoryEvent[]): void {
    if (events.length === 0 || this.#stop.signal.aborted) return;
    const accountId = this.#accountId;
    for (const event of events) {
      if (event.kind === 'accepted' && event.exit !== undefined) {
        this.#ports.noteExit(event.orderId, event.venueOrderId);
      }
      const sequence = this.#ports.number();
      this.#arrived.push({ kind: 'event', event: { ...event, sequence, accountId } });
    }
    this.#wakeReader();
  }

  /** Looks again until nothing is known to be missing; one such effort at a time. */
  #lookSoon(): Promise<void> {
    this.#isLookWanted = true;
    this.#looking ??= this.#lookUntilWhole().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookUntilWhole(): Promise<void> {
    const { clock, log } = this.#ports;
    const { signal } = this.#stop;
    for (let waitMs = LOOK_AGAIN_MS; this.#isLookWanted && !signal.aborted; ) {
      this.#isLookWanted = false;
      try {
        await this.look();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof AppError)) throw error;
        this.#isLookWanted = true;
        const account = this.#accountId;
        log.warn('orders and fills were not looked over; it is tried again', { account, error });
        await clock.sleep(waitMs, signal);
        waitMs = Math.min(waitMs * 2, LOOK_EVERY_MS);
      }
    }
  }

  async #schedule(): Promise<void> {
    const { clock, lookEveryMs = LOOK_EVERY_MS } = this.#ports;
    const { signal } = this.#stop;
    for (;;) {
      await clock.sleep(lookEveryMs, signal);
      if (signal.aborted) return;
      await this.#lookSoon();
    }
  }

  /** Holds one connection after the other; with each, what was missed is looked for once it listens. */
  async #connect(): Promise<void> {
    const { api, clock, log } = this.#ports;
    const { signal } = this.#stop;
    for (let waitMs = RECONNECT_MS; !signal.aborted; ) {
      const { refused, listened } = await this.#hold();
      if (signal.aborted) return;
      const account = this.#accountId;
      if (refused && !api.refresh()) {
        const key = api.credentials.masked;
        log.error('the stream of order updates does not take the keys', { account, key });
      } else {
        log.warn('the stream of order updates broke off; it is opened anew', { account });
      }
      waitMs = listened ? RECONNECT_MS : Math.min(waitMs * 2, RECONNECT_MS_MAX);
      await clock.sleep(waitMs, signal);
    }
  }

  async #hold(): Promise<{ readonly refused: boolean; readonly listened: boolean }> {
    const { api, clock, log } = this.#ports;
    const account = this.#accountId;
    const listening = new AbortController();
    let end: (refused: boolean) => void = () => undefined;
    const ended = new Promise<boolean>((resolve) => {
      end = resolve;
    });
    const stream = openTradeStream(api.endpoints.tradingStreamUrl, api.credentials.reveal(), {
      listening: () => {
        listening.abort();
        void this.#lookSoon();
      },
      update: (update) => this.#wish({ kind: 'update', update }),
      garbled: (why) =>
        log.warn('the stream of order updates says something else', { account, why }),
      ended: (refused) => end(refused),
    });
    this.#close = () => {
      stream.close();
      end(false);
    };
    void clock.sleep(LISTEN_MS, listening.signal).then(() => {
      if (!listening.signal.aborted) this.#close();
    });
    const refused = await ended;
    const listened = listening.signal.aborted;
    listening.abort();
    stream.close();
    return { refused, listened };
  }
}

function knownOrder(order: Order): KnownOrder {
  const { orderId, venueOrderId, filledQuantity } = order;
  return {
    ...{ orderId, ...revisionOf(order), terms: order },
    executed: order.executedQuantity ?? filledQuantity,
    ...(venueOrderId === undefined ? {} : { venueOrderId }),
  };
}

const closed = (): AppError =>
  new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: 'nobody reads the events of the account any more.',
    fix: 'They are opened again.',
    retry: 'retryable',
  });

const unlisted = (orderId: string): AppError =>
  new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `Alpaca shows order ${orderId} as filled further than its fills are listed.`,
    fix: 'They are listed a little later, and looked for again.',
    retry: 'retryable',
  });

const unplaced = (venueOrderId: string): AppError =>
  new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `Alpaca shows order ${venueOrderId}, and does not list yet on which order it hangs.`,
    fix: 'It is listed a little later, and looked for again.',
    retry: 'retryable',
  });
