import { describe, expect, it } from 'vitest';
import { runPlatform } from './platform-world.ts';

describe('a simulated world of the platform', () => {
  it('is the same history for the same seed', async () => {
    const [first, second] = [await runPlatform({ seed: 7 }), await runPlatform({ seed: 7 })];
    expect(second.historyHash).toBe(first.historyHash);
    expect((await runPlatform({ seed: 8 })).historyHash).not.toBe(first.historyHash);
  }, 60_000);

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
