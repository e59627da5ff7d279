import { assert } from '@capstan/domain';

/** A failing run, described by what can be made smaller. */
export interface Shrunk {
  /** The faults that strike, by number. */
  readonly faults: readonly number[];
  /** How long the run is, in whatever its world counts. */
  readonly size: number;
  /** How many runs it took. */
  readonly runs: number;
}

export interface ShrinkOptions {
  /** The faults that struck in the run that failed. */
  readonly faults: readonly number[];
  /** How long that run is. */
  readonly size: number;
  /** No more runs than this. */
  readonly runsMax: number;
  /** Runs again with these faults at most and this length; tells whether it still fails. */
  fails(faults: readonly number[], size: number): Promise<boolean>;
}

/**
 * Makes a failing run smaller by running it again: first with fewer faults (groups of them are left out, then smaller groups, down to
 * single ones), then shorter, then with fewer faults once more.
 * @returns the smallest run seen to fail; the given one where none smaller does.
 */
export async function shrinkFailure(options: ShrinkOptions): Promise<Shrunk> {
  assert(options.runsMax >= 0, 'runsMax is a number of runs');
  let runs = 0;
  const fails = async (faults: readonly number[], size: number): Promise<boolean> => {
    if (runs >= options.runsMax) return false;
    runs += 1;
    return await options.fails(faults, size);
  };
  const fewer = await withFewer(options.faults, (faults) => fails(faults, options.size));
  const size = await shorter(options.size, (length) => fails(fewer, length));
  const faults =
    size === options.size ? fewer : await withFewer(fewer, (kept) => fails(kept, size));
  return { faults, size, runs };
}

/** Leaves out what the failure does not need: halves first, then ever smaller groups. */
async function withFewer(
  all: readonly number[],
  fails: (kept: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  if (all.length === 0 || (await fails([]))) return [];
  let kept = all;
  for (let group = Math.ceil(kept.length / 2); ; group = Math.ceil(group / 2)) {
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + group)];
      if (without.length > 0 && (await fails(without))) kept = without;
      else from += group;
    }
    if (group === 1) return kept;
  }
}

/** Halves the length while it fails, then looks between. */
async function shorter(size: number, fails: (size: number) => Promise<boolean>): Promise<number> {
  let failing = size;
  let holding = 0;
  while (failing - holding > 1) {
    const between = Math.floor((failing + holding) / 2);
    if (await fails(between)) failing = between;
    else holding = between;
  }
  return failing;
}
