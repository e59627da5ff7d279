import type { TimeUs } from '@capstan/domain';

/** A key's value as of a revision. Revisions rise over the whole bucket. */
export interface KvEntry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
}

export interface KvWatch {
  /** Returns changes in order, the current values first; an empty array only after `close`. */
  next(): Promise<readonly KvEntry[]>;
  close(): Promise<void>;
}

/** Small current values with compare-and-set. Keys use `[-/_=.a-zA-Z0-9]`. */
export interface Kv {
  /** Creation time of the bucket: revisions of another epoch mean nothing. @throws BUS.UNAVAILABLE */
  epochUs(bucket: string): Promise<TimeUs>;
  get(bucket: string, key: string): Promise<KvEntry | undefined>;
  /** Returns every key of a bucket, sorted. @throws BUS.UNAVAILABLE */
  keys(bucket: string): Promise<readonly string[]>;
  /** @returns the revision written. @throws KV.CONFLICT when the key exists. */
  create(bucket: string, key: string, value: Uint8Array): Promise<number>;
  /** @returns the revision written. @throws KV.CONFLICT when `revision` is not the current one. */
  update(bucket: string, key: string, value: Uint8Array, revision: number): Promise<number>;
  /** Writes whatever is there. @returns the revision written. */
  put(bucket: string, key: string, value: Uint8Array): Promise<number>;
  /** Watches keys that match `pattern` (`*` one part, `>` the rest). */
  watch(bucket: string, pattern: string): Promise<KvWatch>;
}
