import type { OwnerSource } from '@capstan/journal';
import type { Clock } from '@capstan/ports';

/** Rings once, a while after it was armed. */
export class RestartTimer implements OwnerSource {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #delayMs: number | undefined;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param delayMs infinite means never. */
  arm(delayMs: number): void {
    if (!Number.isFinite(delayMs)) return;
    this.#delayMs = delayMs;
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
    return this.#stop.signal.aborted ? [] : ['ring'];
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    return Promise.resolve();
  }
}
