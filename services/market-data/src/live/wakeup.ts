import type { Clock } from '@capstan/ports';

/** Longest wait at once: who waits looks again after it anyway. */
const WAIT_MS_MAX = 60_000;

/** Waits for a time or for a ring, whichever comes first. A ring that nobody waited for is not lost. */
export class Wakeup {
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  #rung = false;
  #waiting: AbortController | undefined;

  constructor(clock: Clock, stop: AbortSignal) {
    this.#clock = clock;
    this.#stop = stop;
    stop.addEventListener('abort', () => this.ring(), { once: true });
  }

  ring(): void {
    this.#rung = true;
    this.#waiting?.abort();
  }

  /** Returns at once where it was rung, or is stopped. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung && !this.#stop.aborted) {
      const waiting = new AbortController();
      this.#waiting = waiting;
      await this.#clock.sleep(Math.max(0, Math.min(ms, WAIT_MS_MAX)), waiting.signal);
      this.#waiting = undefined;
    }
    this.#rung = false;
  }
}
