import { type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';

/** A wait as long as this, or longer, is a time-out: it is over only where somebody ends it. */
const TIMEOUT_FROM_MS = 10_000;

/**
 * A clock for tests on real sockets: waits between attempts are over at once, and are noted; longer ones, such as time-outs, end
 * only by {@link TestClock.pass}.
 */
export class TestClock implements Clock {
  readonly waitsMs: number[] = [];
  readonly #nowUs: number;
  #passedMs = 0;
  #long: { readonly untilMs: number; readonly wake: () => void }[] = [];

  constructor(nowUs: TimeUs) {
    this.#nowUs = nowUs;
  }

  nowUs(): TimeUs {
    return timeUs(Math.round(this.#nowUs + this.#passedMs * US_PER_MS));
  }

  monotonicMs(): number {
    return this.#passedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < TIMEOUT_FROM_MS) {
      this.waitsMs.push(ms);
      this.#passedMs += ms;
      return new Promise((resolve) => setImmediate(resolve));
    }
    return new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      else signal?.addEventListener('abort', () => resolve(), { once: true });
      this.#long.push({ untilMs: this.#passedMs + ms, wake: resolve });
    });
  }

  /** Lets time go on, and wakes who slept no longer than that. */
  pass(ms: number): void {
    this.#passedMs += ms;
    const due = this.#long.filter(({ untilMs }) => untilMs <= this.#passedMs);
    this.#long = this.#long.filter(({ untilMs }) => untilMs > this.#passedMs);
    for (const { wake } of due) wake();
  }
}
