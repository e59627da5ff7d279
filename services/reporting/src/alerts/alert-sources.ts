import type { SeenFeed } from '@capstan/alerts';
import type { OwnerSource } from '@capstan/journal';
import type { Clock } from '@capstan/ports';

/** Comes again and again, with what it was told to ask for. */
export class Poll implements OwnerSource {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #ask: () => Promise<unknown>;
  readonly #stop = new AbortController();

  constructor(clock: Clock, everyMs: number, ask: () => Promise<unknown>) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  async next(): Promise<readonly unknown[]> {
    await this.#clock.sleep(this.#everyMs, this.#stop.signal);
    if (this.#stop.signal.aborted) return [];
    const answer = await this.#ask();
    return this.#stop.signal.aborted ? [] : [answer];
  }

  close(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}

/** Rings when it is told to, as long as anything was not heard. */
export class Bell implements OwnerSource {
  #rung = false;
  #closed = false;
  #wake: () => void = () => undefined;

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  async next(): Promise<readonly unknown[]> {
    while (!this.#rung && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rung = false;
    return this.#closed ? [] : ['rung'];
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    return Promise.resolve();
  }
}

/** Asks how far the feeds are; `undefined` where nobody answers. */
export type FeedReader = () => Promise<readonly SeenFeed[] | undefined>;
