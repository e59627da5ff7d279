import { describe, expect, it } from 'vitest';
import { type PlatformRun, runPlatform } from './platform-world.ts';
import { runMany } from './run-many.ts';

const sumOf = (numbers: Iterable<number>): number =>
  [...numbers].reduce((sum, one) => sum + one, 0);

describe('worlds in threads', () => {
  it('come to what they come to alone, each run once', async () => {
    const worlds: PlatformRun[] = [{ seed: 1 }, { seed: 2 }, { seed: 3 }];
    let alone = 0;
    for (const world of worlds) alone += sumOf(Object.values((await runPlatform(world)).faults));
    const waiting = [...worlds];
    const tally = await runMany({ next: () => waiting.shift(), workers: 2 }, expect.unreachable);
    expect(tally).toMatchObject({ worlds: 3, failures: 0 });
    expect(sumOf(tally.faults.values())).toBe(alone);
  }, 60_000);

  it('end after five that fail, and each is told', async () => {
    const told: string[] = [];
    const tally = await runMany({ next: () => ({ seed: 0.5 }), workers: 1 }, (failure) => {
      told.push(failure);
    });
    expect(tally).toMatchObject({ worlds: 5, failures: 5 });
    expect(told).toHaveLength(5);
    expect(told[0]).toContain('seed must be a safe integer, got 0.5');
  }, 60_000);
});
