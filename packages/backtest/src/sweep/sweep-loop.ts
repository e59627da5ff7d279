import type { MessagePort } from 'node:worker_threads';
import { gridOf } from '../config/grid.ts';
import { openStrategy } from '../strategy-file.ts';
import { ColumnStore } from './column-store.ts';
import { type CombinationRow, runCombination } from './combination-row.ts';
import { CombinationRunner } from './combination-runner.ts';
import type { SweepChunk, SweepChunkDone, SweepWorkerData } from './sweep-messages.ts';

/** Runs the chunks that come in on a port, for as long as it is open. */
export async function sweepLoop(port: MessagePort, data: SweepWorkerData): Promise<void> {
  const { run, symbols, benchmark, stop, cacheBytesMax } = data;
  const strategy = await openStrategy(run.strategy);
  const grid = gridOf(run.params);
  const columns = new ColumnStore(cacheBytesMax);
  const runner = new CombinationRunner({ run, strategy, symbols, benchmark }, columns);
  port.on('message', ({ from, to }: SweepChunk) => {
    const rows: CombinationRow[] = [];
    for (let index = from; index < to && Atomics.load(stop, 0) === 0; index += 1) {
      rows.push(runCombination(runner, strategy, grid, index));
    }
    port.postMessage({ from, rows } satisfies SweepChunkDone);
  });
}
