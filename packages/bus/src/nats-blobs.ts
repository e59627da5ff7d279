import { createHash } from 'node:crypto';
import { AppError } from '@capstan/domain';
import type { Blobs } from '@capstan/ports';
import { jetstream } from '@nats-io/jetstream';
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { Connection } from './connection.ts';
import { blobNames } from './ensure-streams.ts';
import { API_TIMEOUT_MS, BLOB_TIMEOUT_MS } from './limits.ts';

/** The Blobs port over JetStream's object store. */
export class NatsBlobs implements Blobs {
  readonly #connection: Connection;
  readonly #manager: Objm;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#manager = new Objm(jetstream(connection.nats, { timeout: API_TIMEOUT_MS }));
  }

  /** @throws BUS.UNAVAILABLE @throws BUS.FULL */
  async put(data: Uint8Array): Promise<string> {
    const digest = digestOf(data);
    await this.#run(`storing the blob ${digest}`, async (store) => {
      const known = await store.info(digest);
      if (known === null || known.size !== data.length) await store.putBlob({ name: digest }, data);
    });
    return digest;
  }

  /** @throws BUS.UNAVAILABLE @throws BUS.BLOB_CORRUPT */
  async get(digest: string): Promise<Uint8Array | undefined> {
    const data = await this.#run(`fetching the blob ${digest}`, (store) => store.getBlob(digest));
    if (data === null) return undefined;
    if (digestOf(data) !== digest) {
      throw new AppError({
        code: 'BUS.BLOB_CORRUPT',
        why: `the blob ${digest} does not have the digest that names it.`,
        fix: 'Store it again.',
      });
    }
    return data;
  }

  #run<T>(what: string, use: (store: ObjectStore) => Promise<T>): Promise<T> {
    const exchange = async (): Promise<T> => use(await this.#manager.open(blobNames.bucket, false));
    return this.#connection.run(what, exchange, BLOB_TIMEOUT_MS);
  }
}

function digestOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
