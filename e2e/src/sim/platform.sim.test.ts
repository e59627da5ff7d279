import type { SimWorld } from '@capstan/testkit/sim';
import { describe, expect, it } from 'vitest';
import { runPlatform, SLICES } from './platform-world.ts';
import { runOrShrink } from './shrink-platform.ts';

/** Receivers cannot tell a repeat any more. */
const withoutHeaders = ({ bus }: SimWorld): void => {
  const publish = bus.publish.bind(bus);
  bus.publish = (messages) => publish(messages.map((one) => ({ ...one, headers: {} })));
};

/** The first seed that the spoiled world fails at, and what is told of it. */
async function firstFailure(): Promise<{ readonly seed: number; readonly told: string }> {
  for (let seed = 1; seed <= 20; seed += 1) {
    const told = await runOrShrink({ seed, spoil: withoutHeaders }, 25).catch(String);
    if (typeof told === 'string') return { seed, told };
  }
  throw new Error('no seed fails');
}

describe('a simulated world of the platform', () => {
  it('is the same history for the same seed', async () => {
    const [first, second] = [await runPlatform({ seed: 7 }), await runPlatform({ seed: 7 })];
    expect(second.historyHash).toBe(first.historyHash);
    expect((await runPlatform({ seed: 8 })).historyHash).not.toBe(first.historyHash);
  }, 60_000);

  it('is caught where receivers cannot tell a repeat', async () => {
    let caught = 0;
    for (let seed = 1; seed <= 5; seed += 1) {
      const run = runPlatform({ seed, spoil: withoutHeaders });
      await run.catch((error: unknown) => {
        expect(String(error)).toContain(`npm run sim -- --seed ${seed}`);
        caught += 1;
      });
    }
    expect(caught).toBeGreaterThan(0);
  }, 60_000);

  it('shrinks itself when it fails, and says how to replay what is left', async () => {
    const { seed, told } = await firstFailure();
    const [, before, after, command] =
      /shrunk from (\d+) faults to (\d+) in \d+ runs: npm run sim -- (.+)/.exec(told) ?? [];
    expect(Number(after)).toBeLessThan(Number(before));
    const [, , slices = SLICES, faults] =
      /^--seed (\d+)(?: --slices (\d+))? --faults (\S+)$/.exec(String(command)) ?? [];
    const onlyFaults = String(faults).split(',').map(Number);
    const small = { seed, slices: Number(slices), onlyFaults, spoil: withoutHeaders };
    await expect(runPlatform(small)).rejects.toThrow(`npm run sim -- ${command}`);
  }, 120_000);
});
