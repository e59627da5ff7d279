import type { OwnerSource } from '@capstan/journal';
import type { Clock } from '@capstan/ports';

/** Says when the next snapshot is due. It waits to be told after each one, and can be hurried while it waits. */
export class SnapshotTimer implements OwnerSource {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #isClosed = false;
  /** On the monotonic clock; `undefined` while a snapshot is taken. */
  #dueMs: number | undefined;
  /** Asked for while a snapshot was taken: the next one is due by then. */
  #hurriedMs = Number.POSITIVE_INFINITY;
  #nap = new AbortController();

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#dueMs = clock.monotonicMs();
  }

  /** @param soonerMs when it should come sooner than on schedule. */
  schedule(soonerMs: number | undefined): void {
    const onScheduleMs = this.#clock.monotonicMs() + (soonerMs ?? this.#everyMs);
    this.#dueMs = Math.min(onScheduleMs, this.#hurriedMs);
    this.#hurriedMs = Number.POSITIVE_INFINITY;
    this.#nap.abort();
  }

  /** Lets the next snapshot be taken after so long at the latest. */
  hurry(withinMs: number): void {
    const byMs = this.#clock.monotonicMs() + withinMs;
    if (this.#dueMs === undefined) {
      this.#hurriedMs = Math.min(this.#hurriedMs, byMs);
    } else if (byMs < this.#dueMs) {
      this.#dueMs = byMs;
      this.#nap.abort();
    }
  }

  async next(): Promise<readonly unknown[]> {
    while (!this.#isClosed) {
      const leftMs = (this.#dueMs ?? Number.POSITIVE_INFINITY) - this.#clock.monotonicMs();
      if (leftMs <= 0) {
        this.#dueMs = undefined;
        return ['due'];
      }
      this.#nap = new AbortController();
      await this.#clock.sleep(Math.min(leftMs, this.#everyMs), this.#nap.signal);
    }
    return [];
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#nap.abort();
    return Promise.resolve();
  }
}
