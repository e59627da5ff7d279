import type { OwnerSource } from '@capstan/journal';
import type { Clock } from '@capstan/ports';

/** Says when the next snapshot is due. It waits to be told after each one. */
export class SnapshotTimer implements OwnerSource {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #stop = new AbortController();
  #delayMs: number | undefined = 0;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** @param soonerMs when it should come sooner than on schedule. */
  schedule(soonerMs: number | undefined): void {
    this.#delayMs = soonerMs ?? this.#everyMs;
    this.#wake?.();
  }

  async next(): Promise<readonly unknown[]> {
    while (this.#delayMs === undefined && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const delayMs = this.#delayMs ?? 0;
    this.#delayMs = undefined;
    await this.#clock.sleep(delayMs, this.#stop.signal);
    return this.#stop.signal.aborted ? [] : ['due'];
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    return Promise.resolve();
  }
}
