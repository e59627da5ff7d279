import type { RunFile } from '../config/run-schema.ts';
import type { FindBars, FoundBars } from './found-bars.ts';

/** Asks the provider of a run for its bars. @throws what reading them throws. */
export async function findBars(run: RunFile, wanted: FindBars): Promise<readonly FoundBars[]> {
  switch (run.provider) {
    case 'files': {
      const { findInFiles } = await import('./find-in-files.ts');
      return findInFiles(run, wanted);
    }
    case 'lake': {
      const { findInLake } = await import('./find-in-lake.ts');
      return findInLake(run, wanted);
    }
    case 'synthetic': {
      const { makeSynthetic } = await import('./make-synthetic.ts');
      return makeSynthetic(run, wanted);
    }
  }
}
