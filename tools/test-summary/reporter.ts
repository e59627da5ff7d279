import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { type Counts, countModules, formatCounts } from './counts.ts';

/**
 * Closes a run with one line, `N passed, N failed`. With CAPSTAN_TEST_COUNTS set to a path it writes the counts
 * there instead, for a caller that has more to add.
 */
export default class SummaryReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    process.once('exit', () => this.#close());
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    this.#counts = countModules(modules, errors.length);
  }

  #close(): void {
    const path = process.env.CAPSTAN_TEST_COUNTS;
    if (path !== undefined) writeFileSync(path, JSON.stringify(this.#counts));
    else console.log(formatCounts(this.#counts));
  }
}
