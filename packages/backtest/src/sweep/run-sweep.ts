import { createHash } from 'node:crypto';
import { REPORTED_COMBINATIONS_MAX } from '../limits.ts';
import type { PreparedRun } from '../run/prepare.ts';
import type { CombinationRow } from './combination-row.ts';
import { type Ranked, Ranking } from './ranking.ts';
import { runOnThreads } from './sweep-threads.ts';

/** How far a sweep is. */
export interface SweepProgress {
  /** Run, skipped and failed. */
  readonly done: number;
  readonly count: number;
}

export interface SweepOptions {
  readonly threads: number;
  /** Stops after the combinations in hand; what is done is returned. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Takes the rows in the order of their combinations. */
  readonly onRows?: (rows: readonly CombinationRow[]) => Promise<void>;
  /** Combinations that an earlier, interrupted sweep has done, in order. */
  readonly doneBefore?: readonly CombinationRow[];
}

/** What came of a sweep. The same for any number of threads. */
export interface SweepOutcome {
  readonly complete: boolean;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  /** Best first, by the metric of the run. */
  readonly best: readonly Ranked[];
  /** SHA-256, in hexadecimal, over number and digest of each combination, in order. */
  readonly digest: string;
  /** The first combinations, for a report; all are in `metrics.csv`. */
  readonly rows: readonly CombinationRow[];
}

/** Runs all combinations of a grid on worker threads. @throws RUN.THREAD, and what `onRows` throws. */
export async function runSweep(
  prepared: PreparedRun,
  options: SweepOptions,
): Promise<SweepOutcome> {
  const { rankBy, keep } = prepared.config.run.metrics;
  const before = options.doneBefore ?? [];
  const known = new Map(before.map((row) => [row.index, row]));
  const tally = new Tally(new Ranking(rankBy, Math.max(1, keep)));
  const take = async (rows: readonly CombinationRow[]) => {
    tally.add(rows);
    await options.onRows?.(rows);
    options.onProgress?.({ done: tally.count, count: prepared.grid.count });
  };
  let next = 0;
  const takeBefore = async (until: number) => {
    const rows: CombinationRow[] = [];
    for (; next < before.length && (before[next]?.index ?? 0) < until; next += 1) {
      rows.push(before[next] as CombinationRow);
    }
    if (rows.length > 0) await take(rows);
  };
  await runOnThreads(prepared, {
    threads: options.threads,
    signal: options.signal,
    isDone: (index) => known.has(index),
    onRows: async (rows) => {
      await takeBefore(rows[0]?.index ?? 0);
      await take(rows);
    },
  });
  await takeBefore(Number.POSITIVE_INFINITY);
  return tally.outcome(tally.count === prepared.grid.count);
}

class Tally {
  count = 0;
  readonly #ranking: Ranking;
  readonly #hash = createHash('sha256');
  readonly #rows: CombinationRow[] = [];
  readonly #states = { done: 0, skipped: 0, failed: 0 };

  constructor(ranking: Ranking) {
    this.#ranking = ranking;
  }

  add(rows: readonly CombinationRow[]): void {
    for (const row of rows) {
      this.count += 1;
      this.#states[row.state] += 1;
      this.#hash.update(`${row.index} ${row.state} ${row.digest}\n`);
      this.#ranking.add(row);
      if (this.#rows.length < REPORTED_COMBINATIONS_MAX) this.#rows.push(row);
    }
  }

  outcome(complete: boolean): SweepOutcome {
    return {
      complete,
      ...this.#states,
      best: this.#ranking.best,
      digest: this.#hash.digest('hex'),
      rows: this.#rows,
    };
  }
}
