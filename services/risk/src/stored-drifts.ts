import { leaseKey } from '@capstan/contracts';
import type { KvEntry } from '@capstan/ports';
import { decodeDrifts, type OpenDrifts } from '@capstan/risk';

/** Names the key under which position-sync tells an account's open drifts. */
export function driftsKey(accountId: string): string {
  return leaseKey(`drifts/${accountId}`);
}

/** Reads open drifts as stored; `undefined` where position-sync has told none yet. */
export function driftsOf(entry: KvEntry | undefined): OpenDrifts | undefined {
  return entry === undefined ? undefined : decodeDrifts(new TextDecoder().decode(entry.value));
}
