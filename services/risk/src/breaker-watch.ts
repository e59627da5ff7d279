import { leaseKey } from '@capstan/contracts';
import type { OwnerSource } from '@capstan/journal';
import type { Kv, KvEntry, KvWatch } from '@capstan/ports';
import { type Breaker, decodeBreaker } from '@capstan/risk';
import { SWITCHES } from './kill-switch-watch.ts';

/** Names the key under which execution tells an account's breaker. */
export function breakerKey(accountId: string): string {
  return leaseKey(`breaker/${accountId}`);
}

/** Reads a breaker as stored; `undefined` where execution has not told it yet. What cannot be read is open. */
export function breakerOf(entry: KvEntry | undefined): Breaker | undefined {
  return entry === undefined ? undefined : decodeBreaker(new TextDecoder().decode(entry.value));
}

/** Follows an account's breaker. Its items are entries, the newest last. */
export class BreakerWatch implements OwnerSource {
  readonly #watch: KvWatch;

  private constructor(watch: KvWatch) {
    this.#watch = watch;
  }

  /** @throws BUS.UNAVAILABLE */
  static async open(kv: Kv, accountId: string): Promise<BreakerWatch> {
    return new BreakerWatch(await kv.watch(SWITCHES, breakerKey(accountId)));
  }

  next(): Promise<readonly KvEntry[]> {
    return this.#watch.next();
  }

  close(): Promise<void> {
    return this.#watch.close();
  }
}
