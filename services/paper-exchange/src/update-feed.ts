import { assert, type TimeUs, timeUs } from '@capstan/domain';
import type { VenueEvent, VenueUpdate, VenueUpdates } from '@capstan/ports';

interface Shown {
  readonly events: VenueEvent[];
  /** The last matched slice by feed, with the number of events that were known then. */
  readonly slices: Map<string, { endUs: TimeUs; after: number }>;
  readonly readers: Set<Reader>;
}

/** Most updates of one answer. */
const BATCH_MAX = 1_024;

/** What the exchange has told the world: each account's events and how far it has matched, for any number of readers. */
export class UpdateFeed {
  readonly #accounts = new Map<string, Shown>();

  /** Number of events shown so far; also the sequence of the last. */
  shown(accountId: string): number {
    return this.#of(accountId).events.length;
  }

  add(accountId: string, events: readonly VenueEvent[]): void {
    if (events.length === 0) return;
    const account = this.#of(accountId);
    for (const event of events) {
      assert(
        event.sequence === account.events.length + 1,
        `event ${event.sequence} of ${accountId} comes out of turn`,
      );
      account.events.push(event);
    }
    for (const reader of account.readers) reader.wake();
  }

  /** Says that all events of bars up to `endUs` have been shown. */
  slice(accountId: string, feed: string, endUs: number): void {
    const account = this.#of(accountId);
    account.slices.set(feed, { endUs: timeUs(endUs), after: account.events.length });
    for (const reader of account.readers) reader.wake();
  }

  /** Opens a reading of the events after a sequence. A new reader hears of the last slices again. */
  open(accountId: string, afterSequence: number): VenueUpdates {
    const account = this.#of(accountId);
    const reader = new Reader(accountId, account, afterSequence);
    account.readers.add(reader);
    return reader;
  }

  close(): void {
    for (const account of this.#accounts.values()) {
      for (const reader of account.readers) void reader.close();
    }
  }

  #of(accountId: string): Shown {
    const known = this.#accounts.get(accountId);
    if (known !== undefined) return known;
    const account: Shown = { events: [], slices: new Map(), readers: new Set() };
    this.#accounts.set(accountId, account);
    return account;
  }
}

class Reader implements VenueUpdates {
  readonly #accountId: string;
  readonly #account: Shown;
  readonly #reported = new Map<string, TimeUs>();
  #read: number;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(accountId: string, account: Shown, afterSequence: number) {
    this.#accountId = accountId;
    this.#account = account;
    this.#read = afterSequence;
  }

  wake(): void {
    this.#wake?.();
  }

  async next(): Promise<readonly VenueUpdate[]> {
    for (;;) {
      if (this.#closed) return [];
      const updates = this.#take();
      if (updates.length > 0) return updates;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#account.readers.delete(this);
    this.wake();
    return Promise.resolve();
  }

  #take(): readonly VenueUpdate[] {
    const events = this.#account.events.slice(this.#read, this.#read + BATCH_MAX);
    const updates: VenueUpdate[] = events.map((event) => ({ kind: 'event', event }));
    this.#read += events.length;
    for (const [feed, { endUs, after }] of this.#account.slices) {
      if (after > this.#read || this.#reported.get(feed) === endUs) continue;
      this.#reported.set(feed, endUs);
      const of = { accountId: this.#accountId, feed };
      updates.push({ kind: 'slice', ...of, sliceEndUs: endUs, afterSequence: after });
    }
    return updates;
  }
}
