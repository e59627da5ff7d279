import { createHash } from 'node:crypto';
import type { Blobs } from '@capstan/ports';

/** Content by digest, in memory. */
export class MemoryBlobs implements Blobs {
  readonly #content = new Map<string, Uint8Array>();

  async put(data: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(data).digest('hex');
    this.#content.set(digest, new Uint8Array(data));
    return digest;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const data = this.#content.get(digest);
    return data === undefined ? undefined : new Uint8Array(data);
  }
}
