import { assert } from '@capstan/domain';
import type { KvEntry } from '@capstan/ports';

/** The bucket of all leases. */
export const LEASE_BUCKET = 'leases';

/** The value of a lease key. An empty holder means that it was released. */
export interface LeaseValue {
  readonly holder: string;
  /** Counts the holder's writes, so that it knows its own write again after a lost answer. */
  readonly beat: number;
}

/** What a lease key says that nobody holds. */
export const RELEASED: LeaseValue = { holder: '', beat: 0 };

export const encodeLease = (value: LeaseValue): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value));

export function decodeLease(entry: KvEntry): LeaseValue {
  const value = JSON.parse(new TextDecoder().decode(entry.value)) as LeaseValue;
  assert(typeof value.holder === 'string', `lease ${entry.key} holds no lease value`);
  return value;
}
