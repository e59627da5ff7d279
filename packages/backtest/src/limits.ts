import { assert } from '@capstan/domain';

/** Combinations from which a sweep asks for confirmation. */
export const CONFIRM_COMBINATIONS = 1_000_000;
/** Combinations that a sweep can have at most: beyond it a number no longer counts them. */
export const COMBINATIONS_MAX = Number.MAX_SAFE_INTEGER;
/** Combinations that a worker thread is given at once, at most. */
export const CHUNK_COMBINATIONS_MAX = 64;
/** Chunks that a worker thread holds at once, so that it never waits for the next. */
export const CHUNKS_AHEAD = 2;
/** Indicator columns that one thread keeps between combinations, in bytes. */
export const COLUMN_CACHE_BYTES_MAX = 256 * 1024 * 1024;
/** Combinations that the sweep's report shows; all are in `metrics.csv`. */
export const REPORTED_COMBINATIONS_MAX = 50_000;
/** Runs of a sweep that are kept in full, at most. */
export const KEPT_RUNS_MAX = 100;
/** Worker threads, at most. */
export const THREADS_MAX = 256;
/** Sessions of generated bars, at most. */
export const SYNTHETIC_SESSIONS_MAX = 5_000;
/** Bars before the first that warm indicators up, at most. */
export const WARMUP_BARS_MAX = 10_000_000;
/** Symbols of one run, at most: a symbol's index is stored in two bytes. */
export const SYMBOLS_MAX = 10_000;
/** How often the progress of a sweep is told, in milliseconds. */
export const PROGRESS_MS = 100;
/** Rows of two runs that are compared until they differ, shown at most. */
export const DIFFERENCES_SHOWN_MAX = 5;

assert(CONFIRM_COMBINATIONS < COMBINATIONS_MAX, 'a sweep that is confirmed can be counted');
assert(SYMBOLS_MAX <= 65_536, 'an index of a symbol fits its column');
