import { expect, it } from 'vitest';
import { runPlatform } from './platform-world.ts';

const SEEDS = 12;

it('exits that are watched close no more than is held, whatever goes wrong', async () => {
  let closed = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    await runPlatform({
      seed,
      kind: 'watched',
      onClosed: (orders) => {
        closed += orders;
      },
    });
  }
  expect(closed).toBeGreaterThan(SEEDS);
}, 120_000);
