import { getCompileCacheDir } from 'node:module';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '@capstan/domain';
import { CHUNK_COMBINATIONS_MAX, CHUNKS_AHEAD, COLUMN_CACHE_BYTES_MAX } from '../limits.ts';
import type { PreparedRun } from '../run/prepare.ts';
import type { CombinationRow } from './combination-row.ts';
import type { SweepChunk, SweepChunkDone, SweepWorkerData } from './sweep-messages.ts';

/** `.ts` in a checkout, `.js` in a built tree. */
const WORKER = new URL(`./sweep-worker${extname(import.meta.filename)}`, import.meta.url);
/** Chunks that each thread gets of a sweep, at least: so that none is left with a long last one. */
const CHUNKS_PER_THREAD = 8;

/** How the combinations of a sweep are handed out. */
export interface ThreadOptions {
  readonly threads: number;
  /** Stops after the combinations in hand. */
  readonly signal?: AbortSignal | undefined;
  /** Combinations that need not run again, by their number. */
  readonly isDone?: (index: number) => boolean;
  /** Takes rows in the order of their combinations, whatever thread ran them. A promise holds the sweep up. */
  readonly onRows: (rows: readonly CombinationRow[]) => Promise<void> | void;
}

/**
 * Runs all combinations on worker threads that share the bars.
 * @throws RUN.THREAD, and what `onRows` throws.
 */
export async function runOnThreads(prepared: PreparedRun, options: ThreadOptions): Promise<void> {
  return new ThreadPool(prepared, options).run();
}

class ThreadPool {
  readonly #prepared: PreparedRun;
  readonly #options: ThreadOptions;
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #chunkSize: number;
  /** Finished chunks that wait for an earlier one. */
  readonly #waiting = new Map<number, readonly CombinationRow[]>();
  readonly #busy = new Map<Worker, number>();
  #next = 0;
  #nextRow = 0;
  #taking: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(prepared: PreparedRun, options: ThreadOptions) {
    this.#prepared = prepared;
    this.#options = options;
    const share = Math.ceil(prepared.grid.count / (options.threads * CHUNKS_PER_THREAD));
    this.#chunkSize = Math.min(CHUNK_COMBINATIONS_MAX, share);
  }

  async run(): Promise<void> {
    const { threads, signal } = this.#options;
    const stop = () => {
      Atomics.store(this.#stop, 0, 1);
    };
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    const count = Math.min(threads, Math.ceil(this.#prepared.grid.count / this.#chunkSize));
    const workers = Array.from({ length: count }, () => this.#worker());
    try {
      await Promise.all(workers.map((worker) => this.#drive(worker)));
      await this.#taking;
    } finally {
      signal?.removeEventListener('abort', stop);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    if (this.#failure !== undefined) throw this.#failure;
    await this.#flush();
  }

  #worker(): Worker {
    const { config, data } = this.#prepared;
    const symbols = data.symbols.map(({ series, instrument }) => ({ series, instrument }));
    const workerData: SweepWorkerData = {
      run: config.run,
      symbols,
      benchmark: data.benchmark,
      stop: this.#stop,
      codeCacheDir: getCompileCacheDir(),
      cacheBytesMax: Math.floor(COLUMN_CACHE_BYTES_MAX / this.#options.threads),
    };
    return new Worker(WORKER, { workerData });
  }

  /** Keeps one worker busy until nothing is left. */
  #drive(worker: Worker): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveMore = () => {
        while ((this.#busy.get(worker) ?? 0) < CHUNKS_AHEAD) {
          const chunk = this.#takeChunk();
          if (chunk === undefined) break;
          this.#busy.set(worker, (this.#busy.get(worker) ?? 0) + 1);
          worker.postMessage(chunk);
        }
        if ((this.#busy.get(worker) ?? 0) === 0) resolve();
      };
      worker.on('message', ({ from, rows }: SweepChunkDone) => {
        this.#busy.set(worker, (this.#busy.get(worker) ?? 1) - 1);
        this.#taking = this.#taking
          .then(() => this.#accept(from, rows))
          .catch((error: unknown) => {
            this.#failure ??= error;
            Atomics.store(this.#stop, 0, 1);
          });
        this.#taking.then(giveMore, reject);
      });
      worker.on('error', (error) => {
        Atomics.store(this.#stop, 0, 1);
        reject(error);
      });
      worker.on('exit', (code) => {
        if (code === 0) return resolve();
        reject(
          new AppError({
            code: 'RUN.THREAD',
            why: `a worker thread ended with code ${code}.`,
            fix: 'Run again with fewer threads: --threads 1.',
          }),
        );
      });
      giveMore();
    });
  }

  #takeChunk(): SweepChunk | undefined {
    const { grid } = this.#prepared;
    const isDone = this.#options.isDone ?? (() => false);
    if (Atomics.load(this.#stop, 0) !== 0) return undefined;
    while (this.#next < grid.count && isDone(this.#next)) this.#next += 1;
    if (this.#next >= grid.count) return undefined;
    const from = this.#next;
    let to = from;
    while (to < grid.count && to - from < this.#chunkSize && !isDone(to)) to += 1;
    this.#next = to;
    return { from, to };
  }

  async #accept(from: number, rows: readonly CombinationRow[]): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#waiting.set(from, rows);
    for (;;) {
      const isDone = this.#options.isDone ?? (() => false);
      while (this.#nextRow < this.#next && isDone(this.#nextRow)) this.#nextRow += 1;
      const next = this.#waiting.get(this.#nextRow);
      if (next === undefined || next.length === 0) return;
      this.#waiting.delete(this.#nextRow);
      this.#nextRow += next.length;
      await this.#options.onRows(next);
    }
  }

  /** Of a sweep that was stopped, also what lies behind a gap. */
  async #flush(): Promise<void> {
    const left = [...this.#waiting].sort(([a], [b]) => a - b);
    this.#waiting.clear();
    for (const [, rows] of left) await this.#options.onRows(rows);
  }
}
