import { assert } from '@capstan/domain';
import type { Clock } from '@capstan/ports';

/** How fast a venue may be asked; what is absent is not limited. */
export interface ThrottleRules {
  readonly ordersPerSecond?: number | undefined;
  readonly cancelsPerSecond?: number | undefined;
  /** How many may go at once after a pause, from 1. */
  readonly burst: number;
}

/** Whom a wait at the throttle lets pass first: what reduces before what adds. */
export const URGENCIES = ['reducing', 'adding'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** How soon it is looked again whether what waits is still wanted, at most, in milliseconds. */
const LOOK_MS = 100;

/** Keeps what a process asks of one venue within the venue's own limits. All accounts there share it. */
export class VenueThrottle {
  /** Most orders that go at once. */
  readonly burst: number;
  readonly #orders: Bucket | undefined;
  readonly #cancels: Bucket | undefined;

  constructor(clock: Clock, rules: ThrottleRules) {
    const { ordersPerSecond, cancelsPerSecond, burst } = rules;
    assert(Number.isSafeInteger(burst) && burst >= 1, `a burst of ${burst}`);
    this.burst = ordersPerSecond === undefined ? Number.MAX_SAFE_INTEGER : burst;
    const bucket = (perSecond: number | undefined): Bucket | undefined =>
      perSecond === undefined ? undefined : new Bucket(clock, perSecond, burst);
    this.#orders = bucket(ordersPerSecond);
    this.#cancels = bucket(cancelsPerSecond);
  }

  /**
   * Waits until so many orders may go. @param count at most {@link VenueThrottle.burst}.
   * @returns false where `isOff` said, while it waited, that they are not wanted any more.
   */
  orders(count: number, urgency: Urgency, isOff: () => boolean): Promise<boolean> {
    return this.#orders?.take(count, urgency, isOff) ?? Promise.resolve(true);
  }

  /** Waits until a cancel may go. Cancels wait for cancels only. */
  async cancel(): Promise<void> {
    await this.#cancels?.take(1, 'reducing', () => false);
  }
}

interface Ticket {
  readonly count: number;
  readonly urgency: Urgency;
}

/** A token bucket that starts full, with a queue before it. */
class Bucket {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;
  #queue: readonly Ticket[] = [];

  constructor(clock: Clock, perSecond: number, burst: number) {
    assert(perSecond > 0, `${perSecond} a second`);
    this.#clock = clock;
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = clock.monotonicMs();
  }

  async take(count: number, urgency: Urgency, isOff: () => boolean): Promise<boolean> {
    assert(count <= this.#burst, `${count} at once are more than a burst of ${this.#burst}`);
    const ticket: Ticket = { count, urgency };
    this.#enqueue(ticket);
    try {
      for (;;) {
        if (isOff()) return false;
        this.#refill();
        if (this.#queue[0] === ticket && this.#tokens >= count) {
          this.#tokens -= count;
          return true;
        }
        const shortMs = (count - this.#tokens) / this.#perMs;
        await this.#clock.sleep(Math.min(LOOK_MS, Math.max(1, Math.ceil(shortMs))));
      }
    } finally {
      this.#queue = this.#queue.filter((other) => other !== ticket);
    }
  }

  #enqueue(ticket: Ticket): void {
    const isBehind = (other: Ticket): boolean =>
      URGENCIES.indexOf(other.urgency) > URGENCIES.indexOf(ticket.urgency);
    const place = this.#queue.findIndex(isBehind);
    this.#queue =
      place < 0
        ? [...this.#queue, ticket]
        : [...this.#queue.slice(0, place), ticket, ...this.#queue.slice(place)];
  }

  #refill(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
  }
}
