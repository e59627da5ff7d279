import type { Kv, KvWatch } from '@capstan/ports';

const LEASES = 'leases';

/** How a key went from one owner to the next. */
export interface HandOver {
  readonly key: string;
  /** Milliseconds from the last word of the one until the other had it: its release, or its last beat where it could not say so. */
  readonly ms: number;
  readonly isReleased: boolean;
}

/** What was last seen of a lease. */
interface Seen {
  readonly holder: string;
  readonly atMs: number;
  readonly isReleased: boolean;
}

/** Tells the hand-overs from what is written to leases, one value after the other. */
export class HandOvers {
  readonly #seen = new Map<string, Seen>();
  #found: HandOver[] = [];

  /** @param holder empty where the owner gave the lease back. @param atMs of a monotonic clock. */
  take(key: string, holder: string, atMs: number): void {
    const before = this.#seen.get(key);
    if (holder === '') {
      if (before !== undefined) this.#seen.set(key, { ...before, atMs, isReleased: true });
      return;
    }
    if (before !== undefined && before.holder !== holder) {
      this.#found.push({ key, ms: atMs - before.atMs, isReleased: before.isReleased });
    }
    this.#seen.set(key, { holder, atMs, isReleased: false });
  }

  /** Returns those since it was asked last, in the order they were. */
  taken(): readonly HandOver[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }
}

/** Follows the leases of an installation. */
export class LeaseWatch {
  readonly handOvers = new HandOvers();
  readonly #watch: KvWatch;
  readonly #over: Promise<void>;

  private constructor(watch: KvWatch) {
    this.#watch = watch;
    this.#over = this.#follow();
  }

  static async open(kv: Kv): Promise<LeaseWatch> {
    return new LeaseWatch(await kv.watch(LEASES, '>'));
  }

  async close(): Promise<void> {
    await this.#watch.close();
    await this.#over;
  }

  async #follow(): Promise<void> {
    for (;;) {
      const entries = await this.#watch.next();
      if (entries.length === 0) return;
      const atMs = performance.now();
      for (const { key, value } of entries) {
        const { holder } = JSON.parse(Buffer.from(value).toString()) as { readonly holder: string };
        this.handOvers.take(key, holder, atMs);
      }
    }
  }
}

/** Says the slowest of each sort: `handed over in 0.2 s (account paper), by lapse in 4.1 s (feed demo)`. */
export function slowestOf(handOvers: readonly HandOver[]): string {
  const told = [true, false].flatMap((isReleased) => {
    const same = handOvers.filter((one) => one.isReleased === isReleased);
    const [worst] = [...same].sort((a, b) => b.ms - a.ms);
    if (worst === undefined) return [];
    const how = isReleased ? 'handed over' : 'taken over by lapse';
    return [
      `${same.length} ${how}, the slowest in ${(worst.ms / 1_000).toFixed(2)} s (${worst.key})`,
    ];
  });
  return told.length === 0 ? 'no key changed hands' : told.join('; ');
}
