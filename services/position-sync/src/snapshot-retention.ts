import { timeUs } from '@capstan/domain';
import type { Clock, Log, Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

const US_PER_DAY = 86_400_000_000;

/** Removes snapshots beyond their age, a small batch at a time, now and then: no step waits long for it. */
export class SnapshotRetention {
  readonly #ports: { readonly store: Store; readonly clock: Clock };
  readonly #accountId: string;
  readonly #days: number;
  #nextMs = 0;

  constructor(
    ports: { readonly store: Store; readonly clock: Clock },
    accountId: string,
    days: number,
  ) {
    this.#ports = ports;
    this.#accountId = accountId;
    this.#days = days;
  }

  /** Removes a batch where one is due; the next is due soon where this one was full. @throws STORE.UNAVAILABLE */
  async apply(log: Log): Promise<void> {
    const { store, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#nextMs) return;
    const beforeUs = timeUs(Math.max(0, Math.floor(clock.nowUs() - this.#days * US_PER_DAY)));
    const account = this.#accountId;
    const removed = await store.trimSnapshots(account, beforeUs, LIMITS.trimmedMax);
    this.#nextMs = removed < LIMITS.trimmedMax ? nowMs + LIMITS.trimEveryMs : nowMs;
    if (removed > 0) log.debug('old snapshots removed', { account, removed, days: this.#days });
  }
}
