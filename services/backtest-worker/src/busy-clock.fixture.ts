import type { TimeUs } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import { VirtualClock } from '@capstan/testkit';

/** A clock of somebody who works: each time that it is looked at some time has gone by, which everybody else sees at the next sleep. */
export class BusyClock implements Clock {
  readonly virtual: VirtualClock;
  readonly #workMs: number;
  #workedMs = 0;

  constructor(startUs: TimeUs, workMs: number) {
    this.virtual = new VirtualClock(startUs);
    this.#workMs = workMs;
  }

  nowUs() {
    return this.virtual.nowUs();
  }

  monotonicMs(): number {
    this.#workedMs += this.#workMs;
    return this.virtual.monotonicMs() + this.#workedMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const workedMs = this.#workedMs;
    this.#workedMs = 0;
    if (workedMs > 0) await this.virtual.advance(workedMs);
    await this.virtual.sleep(ms, signal);
  }
}
