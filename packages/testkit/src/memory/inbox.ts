/** What comes for one reader: it takes everything there is, or waits for the first. */
export class Inbox<Item> {
  #items: Item[] = [];
  #waiting: ((items: readonly Item[]) => void)[] = [];
  #closed = false;

  push(...items: readonly Item[]): void {
    if (this.#closed || items.length === 0) return;
    const first = this.#waiting.shift();
    if (first === undefined) this.#items.push(...items);
    else first(items);
  }

  /** Returns what came, waiting for at least one; nothing only after `close`. */
  next(): Promise<readonly Item[]> {
    if (this.#items.length > 0 || this.#closed) {
      const items = this.#items;
      this.#items = [];
      return Promise.resolve(items);
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Drops what was not read and lets go who waits. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    for (const waiting of this.#waiting.splice(0)) waiting([]);
  }
}
