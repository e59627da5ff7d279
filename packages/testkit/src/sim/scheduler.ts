import { assert, type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import { felt } from '../drained.ts';

/** Something that will happen, unless it is cancelled. */
export interface Scheduled {
  cancel(): void;
}

interface Event {
  readonly atUs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const isBefore = (a: Event, b: Event): boolean =>
  a.atUs === b.atUs ? a.order < b.order : a.atUs < b.atUs;

/** Virtual time: one thing happens at a time, in the order of (time, scheduling), and is felt to its end before the next. */
export class SimScheduler implements Clock {
  readonly #startUs: number;
  readonly #heap: Event[] = [];
  #nowUs: number;
  #count = 0;
  #steps = 0;

  constructor(startUs: TimeUs) {
    this.#startUs = startUs;
    this.#nowUs = startUs;
  }

  nowUs(): TimeUs {
    return timeUs(this.#nowUs);
  }

  monotonicMs(): number {
    return (this.#nowUs - this.#startUs) / US_PER_MS;
  }

  /** How many things have happened. */
  get steps(): number {
    return this.#steps;
  }

  /** When the next thing happens; `undefined` where nothing will. */
  get nextUs(): number | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].run === undefined) this.#pop();
    return this.#heap[0]?.atUs;
  }

  /** Lets `run` happen at a time, or now where that is past. */
  at(atUs: number, run: () => void): Scheduled {
    this.#count += 1;
    const whole = Math.max(this.#nowUs, Math.ceil(atUs));
    const event: Event = { atUs: whole, order: this.#count, run };
    this.#push(event);
    return {
      cancel: () => {
        event.run = undefined;
      },
    };
  }

  /** Lets `run` happen after so many microseconds. */
  after(us: number, run: () => void): Scheduled {
    return this.at(this.#nowUs + us, run);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        scheduled.cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const scheduled = this.after(ms * US_PER_MS, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Lets the next thing happen and all that follows from it at once; returns false where there is none. */
  async step(): Promise<boolean> {
    if (this.nextUs === undefined) return false;
    const event = this.#pop();
    assert(event.run !== undefined, 'a cancelled event is not run');
    this.#nowUs = event.atUs;
    this.#steps += 1;
    event.run();
    await felt();
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  #pop(): Event {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    assert(first !== undefined && last !== undefined, 'nothing is scheduled');
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const goRight = right !== undefined && isBefore(right, left);
      const child = goRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = 2 * index + (goRight ? 2 : 1);
    }
    heap[index] = last;
    return first;
  }
}
