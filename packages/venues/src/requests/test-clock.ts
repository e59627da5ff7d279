import { type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';

/** A wait as long as this, or longer, is a time-out: it is over only where somebody ends it. */
const TIMEOUT_FROM_MS = 10_000;

/** A clock for tests on real sockets: waits between attempts are over at once, and are noted; time-outs never come. */
export class TestClock implements Clock {
  readonly waitsMs: number[] = [];
  readonly #nowUs: number;
  #passedMs = 0;

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
    });
  }
}
