import { leaseKey } from '@capstan/contracts';
import type { OwnerSource } from '@capstan/journal';
import type { Kv, KvEntry, KvWatch } from '@capstan/ports';
import { decodeDrifts, type OpenDrifts } from '@capstan/risk';

const SWITCHES = 'switches';

/** The drifts of an account as position-sync tells them, once more before a send. What cannot be read holds every symbol. */
export class AccountDrifts {
  readonly #kv: Kv;
  readonly #key: string;
  #open: OpenDrifts = [];

  constructor(kv: Kv, accountId: string) {
    this.#kv = kv;
    this.#key = leaseKey(`drifts/${accountId}`);
  }

  get open(): OpenDrifts {
    return this.#open;
  }

  /** @throws BUS.UNAVAILABLE */
  async read(): Promise<void> {
    this.#learn(await this.#kv.get(SWITCHES, this.#key));
  }

  /** Follows them; its items are learnt already. @throws BUS.UNAVAILABLE */
  async follow(): Promise<OwnerSource> {
    const watch = await this.#kv.watch(SWITCHES, this.#key);
    return {
      next: () => this.#next(watch),
      close: () => watch.close(),
    };
  }

  async #next(watch: KvWatch): Promise<readonly KvEntry[]> {
    const entries = await watch.next();
    if (entries.length > 0) this.#learn(entries.at(-1));
    return entries;
  }

  #learn(entry: KvEntry | undefined): void {
    this.#open = entry === undefined ? [] : decodeDrifts(new TextDecoder().decode(entry.value));
  }
}
