import { AppError } from '@capstan/domain';
import type { Clock, Kv, KvEntry } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** Tells whether what is stored is to stay. */
export type Keeps = (entry: KvEntry | undefined) => boolean;

interface Wanted {
  readonly value: Uint8Array;
  readonly stored: (revision: number) => void;
  readonly keeps: Keeps | undefined;
}

/**
 * One key of a bucket into which the newest value is written until it is taken: while the bus is away, what is older than the
 * newest is never written.
 */
export class KeptValue {
  readonly #ports: { readonly kv: Kv; readonly clock: Clock };
  readonly #bucket: string;
  readonly #key: string;
  #wanted: Wanted | undefined;
  #running: Promise<void> | undefined;

  constructor(ports: { readonly kv: Kv; readonly clock: Clock }, bucket: string, key: string) {
    this.#ports = ports;
    this.#bucket = bucket;
    this.#key = key;
  }

  /**
   * Takes the newest value.
   * @param stored called with the revision once it is stored, unless a newer one came before.
   * @param keeps asked of what is stored, before each try: where it says so, the value is given up.
   * @returns when nothing waits to be stored any more.
   */
  put(
    value: Uint8Array,
    stored: (revision: number) => void = () => undefined,
    keeps?: Keeps,
  ): Promise<void> {
    this.#wanted = { value, stored, keeps };
    this.#running ??= this.#store();
    return this.#running;
  }

  /** Gives up what could not be stored yet. */
  forget(): void {
    this.#wanted = undefined;
  }

  async #store(): Promise<void> {
    const { clock } = this.#ports;
    let waitMs: number = LIMITS.retryFirstMs;
    for (let wanted = this.#wanted; wanted !== undefined; wanted = this.#wanted) {
      try {
        const revision = await this.#write(wanted);
        if (this.#wanted !== wanted) continue;
        this.#wanted = undefined;
        if (revision !== undefined) wanted.stored(revision);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        await clock.sleep(waitMs);
        waitMs = Math.min(waitMs * 2, LIMITS.retryMaxMs);
      }
    }
    this.#running = undefined;
  }

  /** @returns the revision; `undefined` where what is stored stays. @throws BUS.UNAVAILABLE, KV.CONFLICT */
  async #write({ value, keeps }: Wanted): Promise<number | undefined> {
    const { kv } = this.#ports;
    if (keeps === undefined) return kv.put(this.#bucket, this.#key, value);
    const entry = await kv.get(this.#bucket, this.#key);
    if (keeps(entry)) return undefined;
    return entry === undefined
      ? kv.create(this.#bucket, this.#key, value)
      : kv.update(this.#bucket, this.#key, value, entry.revision);
  }
}
