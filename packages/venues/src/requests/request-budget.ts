import { assert } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import PQueue from 'p-queue';
import { DATA_CONCURRENCY, DATA_FRACTION, WINDOW_MS } from './limits.ts';

/** Who asks, in the order of who goes first: orders, data that a bot waits for, history. */
export const REQUEST_KINDS = ['trading', 'live', 'history'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

const PRIORITY: Readonly<Record<RequestKind, number>> = { trading: 2, live: 1, history: 0 };
const MS_PER_MINUTE = 60_000;

export interface BudgetSettings {
  /** Requests a minute that the vendor grants. */
  readonly perMinute: number;
  /** Requests for data that are on their way at once. */
  readonly dataConcurrency?: number;
}

/**
 * The rate that a vendor grants to one account, shared by all that asks it. No more than the rate starts in any window; among those
 * who wait orders go first, and what asks for data uses a share of it at most.
 */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #all: PQueue;
  readonly #data: PQueue;
  readonly #pausedUntilMs = new Map<PQueue, number>();

  constructor(clock: Clock, { perMinute, dataConcurrency = DATA_CONCURRENCY }: BudgetSettings) {
    assert(perMinute >= 1, `a rate is at least one request a minute: ${perMinute}`);
    this.#clock = clock;
    this.#all = new PQueue(windowOf(perMinute));
    const data = windowOf(Math.max(1, Math.floor(perMinute * DATA_FRACTION)));
    this.#data = new PQueue({ ...data, concurrency: dataConcurrency });
  }

  /**
   * Sends a request when the rate has room for it.
   * @throws what `send` throws; the signal's reason where it was aborted while it waited.
   */
  run<T>(kind: RequestKind, send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const options = { priority: PRIORITY[kind], ...(signal === undefined ? {} : { signal }) };
    const sendNow = () => this.#all.add(send, options);
    return kind === 'trading' ? sendNow() : this.#data.add(sendNow, options);
  }

  /** Lets nothing of a kind start for a while, as the vendor said that it was asked too often. Orders wait for orders alone. */
  pause(kind: RequestKind, ms: number): void {
    const queue = kind === 'trading' ? this.#all : this.#data;
    const untilMs = this.#clock.monotonicMs() + ms;
    if (untilMs <= (this.#pausedUntilMs.get(queue) ?? Number.NEGATIVE_INFINITY)) return;
    this.#pausedUntilMs.set(queue, untilMs);
    queue.pause();
    void this.#clock.sleep(ms).then(() => {
      if (this.#pausedUntilMs.get(queue) === untilMs) queue.start();
    });
  }

  /** Requests that wait or are on their way. */
  get open(): number {
    return this.#all.size + this.#all.pending + this.#data.size;
  }
}

/** The shortest window of at least one request, as long as {@link WINDOW_MS} where the rate allows it. */
function windowOf(perMinute: number) {
  const inWindow = Math.floor((perMinute * WINDOW_MS) / MS_PER_MINUTE);
  return inWindow >= 1
    ? { interval: WINDOW_MS, intervalCap: inWindow, strict: true }
    : { interval: Math.ceil(MS_PER_MINUTE / perMinute), intervalCap: 1, strict: true };
}
