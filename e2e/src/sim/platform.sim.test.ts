import { describe, expect, it } from 'vitest';
import { runPlatform } from './platform-world.ts';

const GROUPS = 30;
const SEEDS_A_GROUP = 10;

describe('the platform on Memory ports, with messages lost, doubled and late and services crashed between any two calls', () => {
  it.each(Array.from({ length: GROUPS }, (_, group) => group * SEEDS_A_GROUP + 1))(
    'comes to what a run without faults comes to (ten seeds from %d)',
    async (first) => {
      for (let seed = first; seed < first + SEEDS_A_GROUP; seed += 1) {
        const report = await runPlatform({ seed });
        const faults = Object.values(report.faults).reduce((sum, times) => sum + times, 0);
        expect(faults).toBeGreaterThan(0);
      }
    },
    60_000,
  );

  it('is the same history for the same seed', async () => {
    const [first, second] = [await runPlatform({ seed: 7 }), await runPlatform({ seed: 7 })];
    expect(second.historyHash).toBe(first.historyHash);
    expect((await runPlatform({ seed: 8 })).historyHash).not.toBe(first.historyHash);
  });

  it('is caught where receivers cannot tell a repeat', async () => {
    let caught = 0;
    for (let seed = 1; seed <= 5; seed += 1) {
      const run = runPlatform({
        seed,
        spoil: ({ bus }) => {
          const publish = bus.publish.bind(bus);
          bus.publish = (messages) => publish(messages.map((one) => ({ ...one, headers: {} })));
        },
      });
      await run.catch((error: unknown) => {
        expect(String(error)).toContain(`npm run sim -- --seed ${seed}`);
        caught += 1;
      });
    }
    expect(caught).toBeGreaterThan(0);
  }, 60_000);
});
