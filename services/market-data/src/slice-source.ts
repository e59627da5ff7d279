import type { BarSlice, TimeUs } from '@capstan/domain';

/** Where a feed's slices come from: a file that was read, or a generator. The same source gives the same slices, always. */
export interface SliceSource {
  /** Slices that lie before the playback: the past that bots warm up on. Oldest first; may be empty. */
  history(): readonly BarSlice[];
  /** Slices of the playback that end after a time, oldest first; from the first one where it is `undefined`. */
  after(endUs: TimeUs | undefined): Iterator<BarSlice>;
}

/** A source over slices in memory, the first `historyCount` of them history. */
export class ListSource implements SliceSource {
  readonly #slices: readonly BarSlice[];
  readonly #historyCount: number;

  constructor(slices: readonly BarSlice[], historyCount = 0) {
    this.#slices = slices;
    this.#historyCount = historyCount;
  }

  history(): readonly BarSlice[] {
    return this.#slices.slice(0, this.#historyCount);
  }

  *after(endUs: TimeUs | undefined): Generator<BarSlice> {
    for (const slice of this.#slices.slice(this.#historyCount)) {
      if (endUs === undefined || slice.endUs > endUs) yield slice;
    }
  }
}

/** A source over a generator that always begins anew: its first `historyCount` slices are history. */
export class GeneratedSource implements SliceSource {
  readonly #make: () => Generator<BarSlice>;
  readonly #historyCount: number;

  constructor(make: () => Generator<BarSlice>, historyCount: number) {
    this.#make = make;
    this.#historyCount = historyCount;
  }

  history(): readonly BarSlice[] {
    const slices: BarSlice[] = [];
    if (this.#historyCount === 0) return slices;
    for (const slice of this.#make()) {
      slices.push(slice);
      if (slices.length === this.#historyCount) break;
    }
    return slices;
  }

  *after(endUs: TimeUs | undefined): Generator<BarSlice> {
    let index = 0;
    for (const slice of this.#make()) {
      index += 1;
      if (index > this.#historyCount && (endUs === undefined || slice.endUs > endUs)) yield slice;
    }
  }
}
