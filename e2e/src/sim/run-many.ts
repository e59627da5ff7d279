import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PlatformRun } from './platform-world.ts';

/** No world is begun after so many have failed: what breaks all of them need not be shrunk a thousand times. */
const FAILURES_MAX = 5;

/** Most of what a world makes is short-lived: with a larger young generation less of it is copied. */
const YOUNG_MB = 64;

/** Worlds that are run beside each other. */
export interface Many {
  /** Returns the next world, or `undefined` where there is none. */
  next(): PlatformRun | undefined;
  /** How many run at the same time, each in a thread of its own. */
  readonly workers: number;
}

/** What a worker says of a world. */
export interface WorldOutcome {
  readonly faults: Readonly<Record<string, number>>;
  /** Why it did not hold, with the command that replays it; absent where it did. */
  readonly failure?: string;
}

/** How many worlds went how. */
export interface Tally {
  readonly worlds: number;
  readonly failures: number;
  /** Faults injected, by kind. */
  readonly faults: ReadonlyMap<string, number>;
}

/**
 * Runs worlds in threads until there are no more, or too many have failed.
 * @param tell called with each failure.
 */
export async function runMany(many: Many, tell: (failure: string) => void): Promise<Tally> {
  const faults = new Map<string, number>();
  let worlds = 0;
  let failures = 0;
  const run = async (): Promise<void> => {
    const worker = new Worker(new URL('./sim-worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    try {
      while (failures < FAILURES_MAX) {
        const world = many.next();
        if (world === undefined) return;
        worker.postMessage(world);
        const [outcome] = (await once(worker, 'message')) as [WorldOutcome];
        worlds += 1;
        for (const [kind, times] of Object.entries(outcome.faults)) {
          faults.set(kind, (faults.get(kind) ?? 0) + times);
        }
        if (outcome.failure === undefined) continue;
        failures += 1;
        tell(outcome.failure);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: many.workers }, run));
  return { worlds, failures, faults };
}
