/** Content kept by the name of its digest. */
export interface Blobs {
  /** Stores `data` and returns the lower-case hexadecimal SHA-256 that names it. */
  put(data: Uint8Array): Promise<string>;
  get(digest: string): Promise<Uint8Array | undefined>;
}
