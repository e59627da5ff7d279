import { leaseKey } from '@capstan/contracts';
import type { KvEntry } from '@capstan/ports';
import { type Breaker, decodeBreaker } from '@capstan/risk';

/** Names the key under which execution tells an account's breaker. */
export function breakerKey(accountId: string): string {
  return leaseKey(`breaker/${accountId}`);
}

/** Reads a breaker as stored; `undefined` where execution has not told it yet. What cannot be read is open. */
export function breakerOf(entry: KvEntry | undefined): Breaker | undefined {
  return entry === undefined ? undefined : decodeBreaker(new TextDecoder().decode(entry.value));
}
