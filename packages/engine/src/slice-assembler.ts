import type { Bar, BarSlice, TimeUs } from '@capstan/domain';

/** The statement that a slice has these bars and no more. */
export interface SliceClosing {
  readonly feed: string;
  readonly endUs: TimeUs;
  /** The symbols that have a bar in it. */
  readonly symbols: readonly string[];
}

interface Pending {
  readonly bars: Map<string, Bar>;
  closing: SliceClosing | undefined;
}

/**
 * Puts slices together from bars and closings, whichever comes first: a slice is whole when it is closed and every bar that its
 * closing names, and that is wanted, is there. Slices come out in time order.
 */
export class SliceAssembler {
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #pending = new Map<TimeUs, Pending>();

  /** @param symbols the symbols wanted; all of them unless given. */
  constructor(symbols?: readonly string[]) {
    this.#wanted = symbols === undefined ? undefined : new Set(symbols);
  }

  /** True where no bar waits for its slice. */
  get empty(): boolean {
    return this.#pending.size === 0;
  }

  /** Takes a bar. @returns the slices that are whole now. */
  onBar(bar: Bar): readonly BarSlice[] {
    if (this.#wanted !== undefined && !this.#wanted.has(bar.symbol)) return [];
    this.#at(bar.endUs).bars.set(bar.symbol, bar);
    return this.#whole();
  }

  /** Takes a closing. @returns the slices that are whole now. */
  onClosed(closing: SliceClosing): readonly BarSlice[] {
    this.#at(closing.endUs).closing = closing;
    return this.#whole();
  }

  #at(endUs: TimeUs): Pending {
    const known = this.#pending.get(endUs);
    if (known !== undefined) return known;
    const fresh: Pending = { bars: new Map(), closing: undefined };
    this.#pending.set(endUs, fresh);
    return fresh;
  }

  #whole(): readonly BarSlice[] {
    const slices: BarSlice[] = [];
    for (;;) {
      const endUs = this.#oldest();
      const pending = endUs === undefined ? undefined : this.#pending.get(endUs);
      if (endUs === undefined || pending?.closing === undefined) return slices;
      const { bars, closing } = pending;
      const wanted = closing.symbols.filter((symbol) => this.#wanted?.has(symbol) ?? true);
      if (wanted.some((symbol) => !bars.has(symbol))) return slices;
      this.#pending.delete(endUs);
      const sorted = [...bars.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      slices.push({ feed: closing.feed, endUs, bars: sorted });
    }
  }

  #oldest(): TimeUs | undefined {
    let oldest: TimeUs | undefined;
    for (const endUs of this.#pending.keys()) {
      if (oldest === undefined || endUs < oldest) oldest = endUs;
    }
    return oldest;
  }
}
