import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { GivenParameters } from '../config/grid.ts';
import { barCount, type RunData } from '../load/run-data.ts';
import type { Runner, RunOutcome } from './run-one.ts';

const LOOK_UP_MS = 50;

/** How far a single run is. */
export interface RunWatchProgress {
  /** Bars, each of which counts in halves: its opinion, then what follows from it. */
  readonly done: number;
  readonly count: number;
}

export interface RunWatchOptions {
  readonly data: Pick<RunData, 'symbols'>;
  /** Leaves the run where it is. */
  readonly signal?: AbortSignal;
  /** How often it looks up, in milliseconds: so soon a stop is heard. 50 unless told. */
  readonly lookUpMs?: number;
  readonly onProgress?: (progress: RunWatchProgress) => void;
}

/**
 * Runs one combination and lets others have the process now and then.
 * @returns what `Runner.run` returns; `undefined` where it was stopped.
 */
export async function runWatched(
  runner: Runner,
  params: GivenParameters,
  { data, signal, lookUpMs = LOOK_UP_MS, onProgress }: RunWatchOptions,
): Promise<RunOutcome | undefined> {
  const count = barCount(data);
  const steps = runner.steps(params);
  let lookedUpMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - lookedUpMs < lookUpMs) continue;
    onProgress?.({ done: Math.floor(step.value.doneFraction * count), count });
    await setImmediate();
    if (signal?.aborted === true) return undefined;
    lookedUpMs = performance.now();
  }
}
