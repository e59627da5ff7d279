import { assert, type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import { drained } from '../drained.ts';

interface Sleeper {
  readonly dueUs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved. Who sleeps wakes in the order of time, then of falling asleep. */
export class VirtualClock implements Clock {
  readonly #startUs: number;
  #nowUs: number;
  #sleepers: Sleeper[] = [];

  constructor(startUs: TimeUs) {
    this.#startUs = startUs;
    this.#nowUs = startUs;
  }

  nowUs(): TimeUs {
    return timeUs(Math.floor(this.#nowUs));
  }

  monotonicMs(): number {
    return (this.#nowUs - this.#startUs) / US_PER_MS;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper: Sleeper = {
        dueUs: this.#nowUs + Math.max(0, ms) * US_PER_MS,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        sleeper.wake();
      };
      signal?.addEventListener('abort', onAbort);
      const later = this.#sleepers.findIndex((one) => one.dueUs > sleeper.dueUs);
      this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper);
    });
  }

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.length;
  }

  /** Goes on to the time of the next sleeper and wakes it; returns false where nobody sleeps. */
  wakeNext(): boolean {
    const next = this.#sleepers.shift();
    if (next === undefined) return false;
    this.#nowUs = Math.max(this.#nowUs, next.dueUs);
    next.wake();
    return true;
  }

  /** Goes on by `ms` milliseconds, waking everybody on the way, each with time to react before the next. */
  async advance(ms: number): Promise<void> {
    assert(ms >= 0, 'a clock does not go back');
    const targetUs = this.#nowUs + ms * US_PER_MS;
    await drained();
    while ((this.#sleepers[0]?.dueUs ?? Number.POSITIVE_INFINITY) <= targetUs) {
      this.wakeNext();
      await drained();
    }
    this.#nowUs = targetUs;
  }

  /** Lets time fly: whenever nothing else can happen, wakes the next sleeper; returns how to stop. */
  fly(): { stop(): void } {
    let flying = true;
    const run = async (): Promise<void> => {
      while (flying) {
        await drained();
        if (flying) this.wakeNext();
      }
    };
    void run();
    return {
      stop: () => {
        flying = false;
      },
    };
  }
}
