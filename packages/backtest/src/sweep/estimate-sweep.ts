import { performance } from 'node:perf_hooks';
import { resolveParameters } from '@capstan/strategy';
import type { GivenParameters } from '../config/grid.ts';
import { COLUMN_CACHE_BYTES_MAX } from '../limits.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { ColumnStore } from './column-store.ts';
import { CombinationRunner } from './combination-runner.ts';

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
  const { config, strategy, data } = prepared;
  const runner = new CombinationRunner(
    { run: config.run, strategy, ...data },
    new ColumnStore(COLUMN_CACHE_BYTES_MAX),
  );
  const fitting = fittingOf(prepared);
  const [first, ...rest] = fitting.tried;
  if (first === undefined) return { seconds: 0, secondsEach: 0, threads };
  // The first one works out what the others share.
  runner.run(first);
  const startMs = performance.now();
  let lastMs = startMs;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const params of rest.length === 0 ? [first] : rest) {
    runner.run(params);
    const nowMs = performance.now();
    leastMs = Math.min(leastMs, nowMs - lastMs);
    lastMs = nowMs;
    if (lastMs - startMs >= TRIED_MS) break;
  }
  const secondsEach = leastMs / 1_000;
  return { seconds: (secondsEach * fitting.count) / threads, secondsEach, threads };
}

/** Returns about how many combinations can run, and some of them from all over the grid. */
function fittingOf(prepared: PreparedRun): {
  readonly count: number;
  readonly tried: readonly GivenParameters[];
} {
  const { grid } = prepared;
  const looked = Math.min(grid.count, LOOKED_AT_MAX);
  const fitting: GivenParameters[] = [];
  for (let at = 0; at < looked; at += 1) {
    const params = grid.at(Math.floor((at * grid.count) / looked));
    if (fits(prepared, params)) fitting.push(params);
  }
  const step = Math.max(1, fitting.length / TRIED_MAX);
  const tried = Array.from({ length: Math.min(TRIED_MAX, fitting.length) }, (_, at) => {
    return fitting[Math.floor(at * step)] as GivenParameters;
  });
  return { count: (fitting.length * grid.count) / looked, tried };
}

function fits(of: PreparedRun, params: Readonly<Record<string, unknown>>): boolean {
  try {
    resolveParameters(of.strategy, params);
    return true;
  } catch {
    return false;
  }
}
