/** A request as it came, and what it was answered. */
export interface SeenRequest {
  readonly number: number;
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly body?: unknown;
  readonly status: number;
}

const KEPT_MAX = 10_000;

/** What was asked of an emulator, the last ten thousand of it. */
export class RequestJournal {
  #rows: SeenRequest[] = [];
  #count = 0;
  readonly #waiting = new Set<() => void>();

  add(
    request: { readonly method: string; readonly url: string; readonly body?: unknown },
    status: number,
  ): void {
    const { method, url, body } = request;
    this.#count += 1;
    const sent = body === undefined || body === null ? {} : { body };
    this.#rows.push({ number: this.#count, method, url, ...sent, status });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    if (this.#rows.length > 2 * KEPT_MAX) this.#rows = this.#rows.slice(-KEPT_MAX);
  }

  /** Resolves with the next request of a method whose address contains a text, once it was answered; or one that was there. */
  async find(method: string, containing: string): Promise<SeenRequest> {
    const fits = (one: SeenRequest): boolean =>
      one.method === method && one.url.includes(containing);
    for (;;) {
      const found = this.#rows.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Returns requests of which the address contains a text, oldest first. */
  list(containing = ''): readonly SeenRequest[] {
    return this.#rows.slice(-KEPT_MAX).filter(({ url }) => url.includes(containing));
  }
}
