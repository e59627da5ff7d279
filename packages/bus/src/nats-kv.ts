import { AppError, type TimeUs } from '@capstan/domain';
import type { Kv, KvEntry, KvWatch } from '@capstan/ports';
import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { apiCodes, isApiError } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { bucketNames } from './ensure-streams.ts';
import { natsHeaders } from './headers.ts';
import { API_TIMEOUT_MS, BATCH_MAX } from './limits.ts';
import { OrderedReader } from './ordered-reader.ts';
import { timeOfRfc3339 } from './stored-time.ts';

/** The Kv port over JetStream's buckets. */
export class NatsKv implements Kv {
  readonly #connection: Connection;
  readonly #manager: Kvm;
  readonly #buckets = new Map<string, Promise<KV>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#manager = new Kvm(jetstream(connection.nats, { timeout: API_TIMEOUT_MS }));
  }

  async epochUs(bucket: string): Promise<TimeUs> {
    const { management } = this.#connection;
    const info = await this.#connection.run(`asking for the bucket ${bucket}`, () =>
      management.streams.info(bucketNames.stream(bucket)),
    );
    return timeOfRfc3339(info.created);
  }

  get(bucket: string, key: string): Promise<KvEntry | undefined> {
    return this.#connection.run(`reading ${bucket}/${key}`, async () => {
      const entry = await (await this.#open(bucket)).get(key);
      if (entry === null || entry.operation !== 'PUT') return undefined;
      return { key, value: entry.value, revision: entry.revision };
    });
  }

  /** Asks for all subjects at once: one answer, not a reading that would have to guess where the current values end. */
  async keys(bucket: string): Promise<readonly string[]> {
    const { management } = this.#connection;
    const prefix = bucketNames.subjects(bucket, '');
    const info = await this.#connection.run(`listing the keys of ${bucket}`, () =>
      management.streams.info(bucketNames.stream(bucket), { subjects_filter: `${prefix}>` }),
    );
    const written = Object.keys(info.state.subjects ?? {});
    return written.map((subject) => subject.slice(prefix.length)).sort();
  }

  create(bucket: string, key: string, value: Uint8Array): Promise<number> {
    return this.#write(bucket, key, (open) => open.create(key, value));
  }

  update(bucket: string, key: string, value: Uint8Array, revision: number): Promise<number> {
    return this.#write(bucket, key, (open) => open.update(key, value, revision));
  }

  put(bucket: string, key: string, value: Uint8Array): Promise<number> {
    return this.#write(bucket, key, (open) => open.put(key, value));
  }

  /** Survives reconnects; when the bucket was made anew, it gives the new one's current values. */
  async watch(bucket: string, pattern: string): Promise<KvWatch> {
    const prefix = bucketNames.subjects(bucket, '');
    const reader = await OrderedReader.open(this.#connection, {
      stream: bucketNames.stream(bucket),
      filters: [`${prefix}${pattern}`],
      start: { kind: 'newest' },
    });
    const next = async (): Promise<readonly KvEntry[]> => {
      for (;;) {
        const arrived = await reader.next(BATCH_MAX);
        const entries = arrived
          .filter(({ message }) => (message.headers?.get(natsHeaders.operation) ?? '') === '')
          .map(({ message, delivery }) => ({
            key: message.subject.slice(prefix.length),
            value: message.data,
            revision: delivery.streamSequence,
          }));
        if (entries.length > 0 || arrived.length === 0) return entries;
      }
    };
    return { next, close: () => reader.close() };
  }

  #open(bucket: string): Promise<KV> {
    const known = this.#buckets.get(bucket);
    if (known !== undefined) return known;
    const opened = this.#manager.open(bucket, { allow_direct: false });
    this.#buckets.set(bucket, opened);
    opened.catch(() => this.#buckets.delete(bucket));
    return opened;
  }

  #write(bucket: string, key: string, write: (open: KV) => Promise<number>): Promise<number> {
    return this.#connection.run(`writing ${bucket}/${key}`, async () => {
      try {
        return await write(await this.#open(bucket));
      } catch (error) {
        const { wrongLastSequence, wrongLastSequenceUnknown } = apiCodes;
        if (!isApiError(error, wrongLastSequence, wrongLastSequenceUnknown)) throw error;
        throw new AppError({
          code: 'KV.CONFLICT',
          why: `${bucket}/${key} exists already, or has another revision than the one expected.`,
          fix: 'Read it again and decide anew.',
          cause: error,
        });
      }
    });
  }
}
