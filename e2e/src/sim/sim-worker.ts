import { parentPort } from 'node:worker_threads';
import type { PlatformRun } from './platform-world.ts';
import type { WorldOutcome } from './run-many.ts';
import { runOrShrink } from './shrink-platform.ts';

/** How often a failing world is run again to make it smaller. */
const SHRINK_RUNS = 300;

async function outcomeOf(run: PlatformRun): Promise<WorldOutcome> {
  try {
    const { faults } = await runOrShrink(run, SHRINK_RUNS);
    return { faults };
  } catch (error) {
    return { faults: {}, failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (run: PlatformRun) => {
  void outcomeOf(run).then((outcome) => parentPort?.postMessage(outcome));
});
