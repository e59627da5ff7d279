import type { DailyCloses } from '@capstan/analytics';
import type { RunFile } from '../config/run-schema.ts';
import type { SymbolData } from '../load/run-data.ts';
import type { CombinationRow } from './combination-row.ts';

/** What a worker thread begins with. Columns are on shared memory: they are seen, not copied. */
export interface SweepWorkerData {
  readonly run: RunFile;
  readonly symbols: readonly Pick<SymbolData, 'series' | 'instrument'>[];
  readonly benchmark: DailyCloses | undefined;
  /** Not 0 where threads are to stop after the combination in hand. On shared memory. */
  readonly stop: Int32Array;
  readonly cacheBytesMax: number;
  /** Where compiled code is kept, where it is. */
  readonly codeCacheDir: string | undefined;
}

/** Combinations to be run: `from` to before `to`. */
export interface SweepChunk {
  readonly from: number;
  readonly to: number;
}

/** What came of a chunk: fewer rows than it has where the sweep was stopped. */
export interface SweepChunkDone {
  readonly from: number;
  readonly rows: readonly CombinationRow[];
}
