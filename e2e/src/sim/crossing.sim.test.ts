import { expect, it } from 'vitest';
import { runPlatform, SLICES } from './platform-world.ts';
import { drawScenario } from './scenario.ts';
import type { WorldKind } from './world-kinds.ts';

const WORLDS = 6;

/** The first seeds in whose worlds bots may fill each other. */
function seedsOf(kind: WorldKind): readonly number[] {
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < WORLDS; seed += 1) {
    if (drawScenario(seed, SLICES, kind).limits.crossing === 'internal') seeds.push(seed);
  }
  return seeds;
}

it.each(['compared', 'operated'] as const)(
  'bots fill each other once, whole and at their slice’s close, whatever goes wrong: %s',
  async (kind) => {
    let crossed = 0;
    for (const seed of seedsOf(kind)) {
      await runPlatform({
        seed,
        kind,
        onCrossed: (orders) => {
          crossed += orders;
        },
      });
    }
    expect(crossed).toBeGreaterThan(WORLDS);
  },
  120_000,
);
