import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { SentFrames } from '@capstan/emulators';

/** What the process that streams is asked. */
export type LoadAsk =
  /** Of how many symbols somebody wants quotes. */
  | { readonly kind: 'listened' }
  /** To say a bar of every symbol. */
  | { readonly kind: 'bars'; readonly startUs: number }
  /** To say quotes evenly, symbol after symbol. */
  | { readonly kind: 'steady'; readonly seconds: number; readonly perSecond: number }
  /** To say a quote of every symbol so many times, as fast as they are read. */
  | { readonly kind: 'flood'; readonly rounds: number };

/** Quotes that were sent as fast as they were read, in microseconds of this machine's clock. */
export interface Flood {
  readonly firstUs: number;
  readonly lastUs: number;
  readonly messages: number;
}

/** Who waits for an answer, by the number of the question. */
type Waiting = Map<number, (value: unknown) => void>;

/** The process that streams. */
export class LoadSource {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #waiting: Waiting;
  #asked = 0;

  private constructor(child: ChildProcess, waiting: Waiting, url: string) {
    this.#child = child;
    this.#waiting = waiting;
    this.url = url;
  }

  static async start(): Promise<LoadSource> {
    const child = fork(join(import.meta.dirname, 'live-load-child.ts'));
    const waiting: Waiting = new Map();
    child.on('message', ({ id, value }: { readonly id: number; readonly value: unknown }) => {
      waiting.get(id)?.(value);
      waiting.delete(id);
    });
    const url = await new Promise((resolve) => waiting.set(0, resolve));
    return new LoadSource(child, waiting, String(url));
  }

  listened = () => this.#ask<number>({ kind: 'listened' });
  bars = (startUs: number) => this.#ask<SentFrames>({ kind: 'bars', startUs });
  steady = (rate: { readonly seconds: number; readonly perSecond: number }) =>
    this.#ask<number>({ kind: 'steady', ...rate });
  flood = (rounds: number) => this.#ask<Flood>({ kind: 'flood', rounds });

  close(): void {
    this.#child.kill();
  }

  #ask<T>(ask: LoadAsk): Promise<T> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as (value: unknown) => void);
      this.#child.send({ id, ask });
    });
  }
}
