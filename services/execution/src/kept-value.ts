import { AppError } from '@capstan/domain';
import type { Clock, Kv } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/**
 * One key of a bucket into which the newest value is written until it is taken: while the bus is away, what is older than the
 * newest is never written.
 */
export class KeptValue {
  readonly #ports: { readonly kv: Kv; readonly clock: Clock };
  readonly #bucket: string;
  readonly #key: string;
  #wanted: { readonly value: Uint8Array; readonly stored: (revision: number) => void } | undefined;
  #running: Promise<void> | undefined;

  constructor(ports: { readonly kv: Kv; readonly clock: Clock }, bucket: string, key: string) {
    this.#ports = ports;
    this.#bucket = bucket;
    this.#key = key;
  }

  /**
   * Takes the newest value.
   * @param stored called with the revision once it is stored, unless a newer one came before.
   * @returns when nothing waits to be stored any more.
   */
  put(value: Uint8Array, stored: (revision: number) => void = () => undefined): Promise<void> {
    this.#wanted = { value, stored };
    this.#running ??= this.#store();
    return this.#running;
  }

  /** Gives up what could not be stored yet. */
  forget(): void {
    this.#wanted = undefined;
  }

  async #store(): Promise<void> {
    const { kv, clock } = this.#ports;
    let waitMs: number = LIMITS.retryFirstMs;
    for (let wanted = this.#wanted; wanted !== undefined; wanted = this.#wanted) {
      try {
        const revision = await kv.put(this.#bucket, this.#key, wanted.value);
        if (this.#wanted !== wanted) continue;
        this.#wanted = undefined;
        wanted.stored(revision);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        await clock.sleep(waitMs);
        waitMs = Math.min(waitMs * 2, LIMITS.retryMaxMs);
      }
    }
    this.#running = undefined;
  }
}
