import { AppError } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import type { GatewayErrorCode } from './error-codes.ts';
import { LIMITS } from './limits.ts';

interface Bucket {
  left: number;
  atMs: number;
}

/** Allows each address a burst of requests, and then so many a second. */
export class RateLimiter {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** The address that was heard of last is last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Takes one request of an address. @throws GATEWAY.RATE when it has none left. */
  take(address: string): void {
    const bucket = this.#bucket(address);
    if (bucket.left < 1) {
      throw new AppError({
        code: 'GATEWAY.RATE' satisfies GatewayErrorCode,
        why: 'too many requests came from this address.',
        fix: 'Wait a second.',
        retry: 'retryable',
      });
    }
    bucket.left -= 1;
  }

  /** Takes more of an address that was refused. */
  punish(address: string, cost: number): void {
    const bucket = this.#bucket(address);
    bucket.left = Math.max(0, bucket.left - cost);
  }

  #bucket(address: string): Bucket {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#buckets.get(address);
    const left =
      known === undefined
        ? LIMITS.requestsBurst
        : known.left + ((nowMs - known.atMs) * LIMITS.requestsPerSecond) / 1_000;
    const bucket = { left: Math.min(LIMITS.requestsBurst, left), atMs: nowMs };
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > LIMITS.clientsRemembered) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
