import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type TimeUs, timeUs, US_PER_SECOND } from '@capstan/domain';
import type { MarketTime } from '@capstan/runtime';

/** How often it is written down how far the market is. */
const KEEP_EVERY_MS = 5_000;

/**
 * How far a simulated market has come, in a file: the next start goes on behind it, so that time never goes back for who has seen it.
 */
export class MarketTimeFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Returns when the market goes on: after all that a run before may have seen, or at `firstUs`. @param speed of both runs. */
  startUs(firstUs: TimeUs, speed: number): TimeUs {
    const reachedUs = this.#read();
    if (reachedUs === undefined) return firstUs;
    const unseenUs = 2 * (KEEP_EVERY_MS / 1_000) * US_PER_SECOND * speed;
    return timeUs(Math.ceil(reachedUs + unseenUs));
  }

  /** Writes down how far the market is: now, from time to time, and when this process ends. */
  keep(time: Pick<MarketTime, 'nowUs'>): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const write = (): void => this.#write(time.nowUs());
    write();
    setInterval(write, KEEP_EVERY_MS).unref();
    process.once('exit', write);
  }

  #read(): TimeUs | undefined {
    try {
      const kept: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      const reachedUs: unknown = Reflect.get(Object(kept), 'reachedUs');
      return Number.isSafeInteger(reachedUs) ? timeUs(Number(reachedUs)) : undefined;
    } catch {
      return undefined;
    }
  }

  #write(reachedUs: TimeUs): void {
    const next = `${this.#path}.next`;
    writeFileSync(next, JSON.stringify({ reachedUs }), { mode: 0o600 });
    renameSync(next, this.#path);
  }
}
