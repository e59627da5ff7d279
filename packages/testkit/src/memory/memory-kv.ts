import { KV_BUCKETS } from '@capstan/contracts';
import { assert, type TimeUs, timeUs } from '@capstan/domain';
import type { Clock, Kv, KvEntry, KvWatch } from '@capstan/ports';
import { copyOf } from './copy.ts';
import { Inbox } from './inbox.ts';
import { portErrors } from './port-errors.ts';
import { subjectMatches } from './subject-match.ts';

interface Bucket {
  epochUs: TimeUs;
  revision: number;
  readonly entries: Map<string, KvEntry>;
  readonly watches: Set<{ readonly pattern: string; readonly inbox: Inbox<KvEntry> }>;
}

const KEY = /^[-/_=.a-zA-Z0-9]+$/;

/** Buckets in memory. */
export class MemoryKv implements Kv {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  /** @param buckets names of the buckets there are; those of the contracts unless told. */
  constructor(clock: Clock, buckets = KV_BUCKETS.map((bucket) => bucket.name)) {
    this.#clock = clock;
    for (const name of buckets) {
      const epochUs = clock.nowUs();
      this.#buckets.set(name, { epochUs, revision: 0, entries: new Map(), watches: new Set() });
    }
  }

  async epochUs(bucket: string): Promise<TimeUs> {
    return this.#bucket(bucket).epochUs;
  }

  async get(bucket: string, key: string): Promise<KvEntry | undefined> {
    return copyOf(this.#bucket(bucket).entries.get(key));
  }

  async keys(bucket: string): Promise<readonly string[]> {
    return [...this.#bucket(bucket).entries.keys()].sort();
  }

  async create(bucket: string, key: string, value: Uint8Array): Promise<number> {
    if (this.#bucket(bucket).entries.has(key)) {
      throw portErrors.kvConflict(`${bucket}: ${key} exists.`);
    }
    return this.#write(bucket, key, value);
  }

  async update(bucket: string, key: string, value: Uint8Array, revision: number): Promise<number> {
    const current = this.#bucket(bucket).entries.get(key)?.revision;
    if (current !== revision) {
      throw portErrors.kvConflict(`${bucket}: ${key} is at ${current ?? 'none'}, not ${revision}.`);
    }
    return this.#write(bucket, key, value);
  }

  async put(bucket: string, key: string, value: Uint8Array): Promise<number> {
    return this.#write(bucket, key, value);
  }

  async watch(bucket: string, pattern: string): Promise<KvWatch> {
    const { entries, watches } = this.#bucket(bucket);
    const watch = { pattern, inbox: new Inbox<KvEntry>() };
    const current = [...entries.values()].filter((one) => subjectMatches(pattern, one.key));
    watch.inbox.push(...copyOf(current.sort((a, b) => a.revision - b.revision)));
    watches.add(watch);
    return {
      next: () => watch.inbox.next(),
      close: async () => {
        watches.delete(watch);
        watch.inbox.close();
      },
    };
  }

  /** Deletes a bucket's content and begins another epoch; watches go on. */
  recreateBucket(bucket: string): void {
    const one = this.#bucket(bucket);
    one.epochUs = timeUs(Math.max(this.#clock.nowUs(), one.epochUs + 1));
    one.revision = 0;
    one.entries.clear();
  }

  #write(name: string, key: string, value: Uint8Array): number {
    assert(KEY.test(key), `${key} is no key`);
    const bucket = this.#bucket(name);
    bucket.revision += 1;
    const entry = { key, value: new Uint8Array(value), revision: bucket.revision };
    bucket.entries.set(key, entry);
    for (const { pattern, inbox } of [...bucket.watches]) {
      if (subjectMatches(pattern, key)) inbox.push(copyOf(entry));
    }
    return entry.revision;
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw portErrors.noStream(`there is no bucket ${name}.`);
    return bucket;
  }
}
