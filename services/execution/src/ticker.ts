import type { OwnerSource } from '@capstan/journal';
import type { Clock } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** Brings the logic back to what is unresolved: at once, then at growing intervals for as long as it asks for it. */
export class Ticker implements OwnerSource {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #armed = false;
  #wake: (() => void) | undefined;
  #waitMs = 0;
  #growsToMs: number = LIMITS.retryFirstMs;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a tick, later each time until {@link rest}. */
  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#wake?.();
  }

  /** Says that a tick was dealt with: where no other was asked for, the next one will come at once again. */
  rest(): void {
    if (this.#armed) return;
    this.#waitMs = 0;
    this.#growsToMs = LIMITS.retryFirstMs;
  }

  async next(): Promise<readonly unknown[]> {
    while (!this.#armed && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#waitMs > 0) await this.#clock.sleep(this.#waitMs, this.#stop.signal);
    if (this.#stop.signal.aborted) return [];
    this.#armed = false;
    this.#waitMs = this.#growsToMs;
    this.#growsToMs = Math.min(this.#growsToMs * 2, LIMITS.retryMaxMs);
    return ['tick'];
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    return Promise.resolve();
  }
}
