/** Symbols whose trading is halted, as a stream tells it. What trades is not halted, also where the word of that was lost. */
export class Halts {
  /** Since when, as it was heard. */
  readonly #sinceUs = new Map<string, number>();

  /** Sorted. */
  get symbols(): readonly string[] {
    return [...this.#sinceUs.keys()].sort();
  }

  hear(symbol: string, halted: boolean, nowUs: number): void {
    if (halted) this.#sinceUs.set(symbol, nowUs);
    else this.#sinceUs.delete(symbol);
  }

  /** Notes that a symbol traded at a time, or in a minute that began then. */
  traded(symbol: string, atUs: number): void {
    if (atUs > (this.#sinceUs.get(symbol) ?? Number.POSITIVE_INFINITY))
      this.#sinceUs.delete(symbol);
  }
}
