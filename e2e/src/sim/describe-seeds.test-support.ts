import { describe, expect, it } from 'vitest';
import { runOrShrink } from './shrink-platform.ts';

const SEEDS_A_TEST = 10;
/** How often a failing world is run again to make it smaller. */
const SHRINK_RUNS = 100;

/**
 * Describes a hundred simulated worlds, so that several files can share the seeds between processes.
 * @param first the first seed.
 */
export function describeHundredSeeds(first: number): void {
  describe('the platform on Memory ports, with messages lost, doubled and late and services crashed between any two calls', () => {
    it.each(Array.from({ length: 10 }, (_, group) => first + group * SEEDS_A_TEST))(
      'comes to what a run without faults comes to (ten seeds from %d)',
      async (from) => {
        for (let seed = from; seed < from + SEEDS_A_TEST; seed += 1) {
          const report = await runOrShrink({ seed }, SHRINK_RUNS);
          const faults = Object.values(report.faults).reduce((sum, times) => sum + times, 0);
          expect(faults).toBeGreaterThan(0);
        }
      },
      300_000,
    );
  });
}
