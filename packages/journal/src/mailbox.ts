/** Holds what waits for one key. Whoever puts waits until it was processed: nothing runs ahead of the logic. */
export class Mailbox<Item> {
  readonly #waiting: { readonly item: Item; readonly processed: () => void }[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** Adds an item; resolves when it was processed or the mailbox closed. */
  put(item: Item): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ item, processed: resolve });
      this.#wake?.();
    });
  }

  /** Runs `process` for one item after the other until `close`. What it throws ends the run. */
  async run(process: (item: Item) => Promise<void>): Promise<void> {
    try {
      while (!this.#closed) {
        const next = this.#waiting.shift();
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
          continue;
        }
        try {
          await process(next.item);
        } finally {
          next.processed();
        }
      }
    } finally {
      this.close();
    }
  }

  /** Lets everybody go; what waits is not processed any more. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
    for (const { processed } of this.#waiting.splice(0)) processed();
  }
}
