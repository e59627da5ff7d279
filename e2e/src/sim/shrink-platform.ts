import { SimFailure, type SimReport, shrinkFailure } from '@capstan/testkit/sim';
import { commandOf, type PlatformRun, runPlatform, SLICES } from './platform-world.ts';

/**
 * Runs a world; one that fails is run again with fewer faults and fewer slices, and the command that replays the smallest is said
 * beside the failure.
 * @param runsMax how often it is run again at most.
 * @throws Error with the failure of the seed, then the command and the failure of what is left of it.
 */
export async function runOrShrink(run: PlatformRun, runsMax: number): Promise<SimReport> {
  const failure = await failureOf(run);
  if (!(failure instanceof SimFailure)) return failure;
  let smallest: { run: PlatformRun; failure: SimFailure } | undefined;
  const { runs } = await shrinkFailure({
    faults: failure.report.struck,
    size: run.slices ?? SLICES,
    runsMax,
    fails: async (faults, slices) => {
      const smaller = { ...run, onlyFaults: faults, slices };
      const again = await failureOf(smaller);
      if (!(again instanceof SimFailure)) return false;
      smallest = { run: smaller, failure: again };
      return true;
    },
  });
  if (smallest === undefined) {
    throw new Error(`${failure.message}\nnothing smaller failed in ${runs} runs`, {
      cause: failure,
    });
  }
  const { struck } = smallest.failure.report;
  const command = commandOf({ ...smallest.run, onlyFaults: struck });
  const left = `${failure.report.struck.length} faults to ${struck.length}`;
  throw new Error(
    `${failure.message}\nshrunk from ${left} in ${runs} runs: ${command}\n${smallest.failure.message}`,
    { cause: failure },
  );
}

/** Returns the failure of a run, or its report where it holds. */
async function failureOf(run: PlatformRun): Promise<SimFailure | SimReport> {
  try {
    return await runPlatform(run);
  } catch (error) {
    if (error instanceof SimFailure) return error;
    throw error;
  }
}
