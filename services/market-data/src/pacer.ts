import type { OwnerSource } from '@capstan/journal';
import type { Clock } from '@capstan/ports';

/** Says when the next slice is due: an interval after the last one was, and never twice for one slice. It makes up for at most one. */
export class Pacer implements OwnerSource {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #stop = new AbortController();
  #armed = true;
  #wake: (() => void) | undefined;
  #dueMs: number;

  /** @param intervalMs 0 for as fast as the slices complete. */
  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#dueMs = clock.monotonicMs();
  }

  /** Lets the pacer speak of the next slice. */
  arm(): void {
    this.#dueMs = Math.max(
      this.#dueMs + this.#intervalMs,
      this.#clock.monotonicMs() - this.#intervalMs,
    );
    this.#armed = true;
    this.#wake?.();
  }

  async next(): Promise<readonly unknown[]> {
    while (!this.#armed && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const waitMs = this.#dueMs - this.#clock.monotonicMs();
    if (waitMs > 0) await this.#clock.sleep(waitMs, this.#stop.signal);
    if (this.#stop.signal.aborted) return [];
    this.#armed = false;
    return ['due'];
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    return Promise.resolve();
  }
}
