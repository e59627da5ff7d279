import type { OwnerSource } from '@capstan/journal';
import type { Kv, KvEntry, KvWatch } from '@capstan/ports';

/** The bucket in which services keep for each other what stops trading. */
export const SWITCHES = 'switches';

/** Follows a key of {@link SWITCHES}. Its items are entries, the newest last. */
export class SwitchWatch implements OwnerSource {
  readonly #watch: KvWatch;

  private constructor(watch: KvWatch) {
    this.#watch = watch;
  }

  /** @throws BUS.UNAVAILABLE */
  static async open(kv: Kv, key: string): Promise<SwitchWatch> {
    return new SwitchWatch(await kv.watch(SWITCHES, key));
  }

  next(): Promise<readonly KvEntry[]> {
    return this.#watch.next();
  }

  close(): Promise<void> {
    return this.#watch.close();
  }
}
