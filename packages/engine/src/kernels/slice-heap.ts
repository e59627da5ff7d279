/**
 * Which symbols have something to do, by slice and then by symbol. A symbol is in it at most once.
 * @complexity a logarithm of the symbols for each call.
 */
export class SliceHeap {
  readonly #symbolCount: number;
  /** `slice × symbols + symbol`: rising keys are the order. */
  readonly #keys: Float64Array;
  #size = 0;
  #slice = Number.POSITIVE_INFINITY;

  constructor(symbolCount: number) {
    this.#symbolCount = symbolCount;
    this.#keys = new Float64Array(symbolCount + 1);
  }

  /** The first slice at which something is to be done; infinity where nothing is. */
  get slice(): number {
    return this.#slice;
  }

  push(slice: number, symbolIndex: number): void {
    const keys = this.#keys;
    const key = slice * this.#symbolCount + symbolIndex;
    let at = this.#size;
    this.#size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = keys[parent] as number;
      if (above <= key) break;
      keys[at] = above;
      at = parent;
    }
    keys[at] = key;
    if (at === 0) this.#slice = slice;
  }

  /** Takes the first symbol of the first slice out. Call it only where {@link SliceHeap.slice} is finite. */
  pop(): number {
    const keys = this.#keys;
    const first = keys[0] as number;
    this.#size -= 1;
    const last = keys[this.#size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && (keys[child + 1] as number) < (keys[child] as number)) {
        child += 1;
      }
      const below = keys[child] as number;
      if (below >= last) break;
      keys[at] = below;
      at = child;
    }
    keys[at] = last;
    this.#slice = this.#size === 0 ? Number.POSITIVE_INFINITY : this.#sliceOf(keys[0] as number);
    // No remainder: that of floats is a call.
    return first - this.#sliceOf(first) * this.#symbolCount;
  }

  #sliceOf(key: number): number {
    return Math.floor(key / this.#symbolCount);
  }
}
