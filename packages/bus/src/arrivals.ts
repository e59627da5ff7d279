/** Things that arrive and are fetched in batches, in order; one fetcher at a time waits. */
export class Arrivals<T> {
  #items: T[] = [];
  #start = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  get length(): number {
    return this.#items.length - this.#start;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  push(item: T): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.wake();
  }

  /** Drops the oldest. */
  dropFirst(): void {
    if (this.length > 0) this.#start += 1;
    this.#compact();
  }

  clear(): void {
    this.#items = [];
    this.#start = 0;
  }

  /** Lets whoever waits look again. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Forgets what is held and ends all waiting. */
  close(): void {
    this.#closed = true;
    this.clear();
    this.wake();
  }

  /** Waits until the next `push`, `wake` or `close`. */
  change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const former = this.#wake;
    this.#wake = () => {
      former?.();
      resolve();
    };
    return promise;
  }

  /** Takes up to `max` without waiting. */
  take(max: number): readonly T[] {
    const taken = this.#items.slice(this.#start, this.#start + max);
    this.#start += taken.length;
    this.#compact();
    return taken;
  }

  /** Takes up to `max`, waiting for at least one; nothing only after `close`. */
  async next(max: number): Promise<readonly T[]> {
    while (this.length === 0 && !this.#closed) await this.change();
    return this.take(max);
  }

  #compact(): void {
    if (this.#start === this.#items.length) this.clear();
    else if (this.#start > 1_024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
  }
}
