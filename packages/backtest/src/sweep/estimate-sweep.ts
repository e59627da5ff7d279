import { performance } from 'node:perf_hooks';
import { resolveParameters } from '@capstan/strategy';
import { COLUMN_CACHE_BYTES_MAX } from '../limits.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { ColumnStore } from './column-store.ts';

/** How long a sweep may take. */
export interface SweepEstimate {
  readonly seconds: number;
  /** Of one combination on one thread, once the code is warm. */
  readonly secondsEach: number;
  readonly threads: number;
}

/** What is spent on trying, in milliseconds. */
const TRIED_MS = 300;
const TRIED_MAX = 50;
/** Combinations that are looked at for some that can run. */
const LOOKED_AT_MAX = 10_000;

/** Estimates how long a sweep takes, by running some of its combinations. It takes part of a second. */
export function estimateSweep(prepared: PreparedRun, threads: number): SweepEstimate {
  const { config, strategy, data, grid } = prepared;
  const runner = new Runner(
    { run: config.run, strategy, ...data },
    new ColumnStore(COLUMN_CACHE_BYTES_MAX),
  );
  const looked = Math.min(grid.count, LOOKED_AT_MAX);
  const startMs = performance.now();
  let ran = 0;
  let seen = 0;
  let lastMs = startMs;
  let leastMs = Number.POSITIVE_INFINITY;
  while (seen < looked && ran < TRIED_MAX && lastMs - startMs < TRIED_MS) {
    const params = grid.at(Math.floor((seen * grid.count) / looked));
    seen += 1;
    if (!fits(prepared, params)) continue;
    runner.run(params);
    ran += 1;
    const nowMs = performance.now();
    leastMs = Math.min(leastMs, nowMs - lastMs);
    lastMs = nowMs;
  }
  const secondsEach = ran === 0 ? 0 : leastMs / 1_000;
  const share = seen === 0 ? 1 : ran / seen;
  return { seconds: (secondsEach * grid.count * share) / threads, secondsEach, threads };
}

function fits(of: PreparedRun, params: Readonly<Record<string, unknown>>): boolean {
  try {
    resolveParameters(of.strategy, params);
    return true;
  } catch {
    return false;
  }
}
