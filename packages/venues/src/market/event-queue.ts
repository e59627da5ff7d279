import type { MarketEvent } from '@capstan/domain';
import { EVENTS_BEFORE_CONFLATION } from './limits.ts';

/**
 * Events between a stream and who reads it. Nothing is dropped but quotes: where the reader is far behind, a newer quote takes the
 * place of the one of its symbol that still waits.
 */
export class EventQueue {
  #events: MarketEvent[] = [];
  #quoteAt = new Map<string, number>();
  #failure: unknown;
  #isClosed = false;
  #wake = Promise.withResolvers<void>();

  push(event: MarketEvent): void {
    if (this.#isClosed) return;
    if (event.kind === 'quote') {
      const { symbol } = event.quote;
      const at = this.#quoteAt.get(symbol);
      if (at !== undefined && this.#events.length >= EVENTS_BEFORE_CONFLATION) {
        this.#events[at] = event;
        return;
      }
      this.#quoteAt.set(symbol, this.#events.length);
    }
    this.#events.push(event);
    this.#wake.resolve();
  }

  /** What waits is still handed out; then the failure is thrown for ever. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake.resolve();
  }

  /** Ends what waits: from here on there is nothing. */
  close(): void {
    this.#isClosed = true;
    this.#events = [];
    this.#wake.resolve();
  }

  /** Returns what came, waiting for at least one; an empty array once closed. */
  async next(): Promise<readonly MarketEvent[]> {
    while (this.#events.length === 0) {
      if (this.#isClosed) return [];
      if (this.#failure !== undefined) throw this.#failure;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    const events = this.#events;
    this.#events = [];
    this.#quoteAt = new Map();
    this.#wake = Promise.withResolvers();
    return events;
  }
}
