/** How many checks ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of a test module that counting needs. */
export interface CountedModule {
  readonly children: {
    allTests(): Iterable<{ result(): { readonly state: string } }>;
  };
  state(): string;
}

/**
 * Counts the tests of a run. A module that failed without a failed test, because it could not be loaded or its hooks threw,
 * counts as one failure, and so does each error that belongs to no test.
 */
export function countModules(modules: readonly CountedModule[], strayErrors: number): Counts {
  let passed = 0;
  let failed = strayErrors;
  let skipped = 0;
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped += 1;
      else failedHere += 1;
    }
    if (failedHere === 0 && module.state() === 'failed') failedHere = 1;
    failed += failedHere;
  }
  return { passed, failed, skipped };
}

/** Writes counts as `N passed, N failed`, with `, N skipped` where there are any. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${passed} passed, ${failed} failed${tail}`;
}

/** Adds counts up. */
export function addCounts(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}
