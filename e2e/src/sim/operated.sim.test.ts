import type { SimWorld } from '@capstan/testkit/sim';
import { describe, expect, it } from 'vitest';
import { runPlatform } from './platform-world.ts';
import { LIMIT } from './scenario.ts';

const SEEDS = 8;

describe('a world that people and the venue act on', () => {
  it('never sends, holds or forgets what it must not, whatever goes wrong', async () => {
    const done = new Map<string, number>();
    const count = (what: string): void => void done.set(what, (done.get(what) ?? 0) + 1);
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      let world: SimWorld | undefined;
      await runPlatform({
        seed,
        kind: 'operated',
        spoil: (one) => {
          world = one;
        },
      });
      for (const { action } of (await world?.store.audit(LIMIT)) ?? []) count(action);
      for (const { kind } of (await world?.store.fills({ limit: LIMIT })) ?? []) count(kind);
    }
    expect([...done.keys()]).toEqual(
      expect.arrayContaining(['Kill', 'SetLimits', 'PauseBot', 'BreakerOpened', 'bust', 'fill']),
    );
  }, 300_000);

  it.each([298_356_294, 298_356_328, 303_644_447])(
    'closes once what an order closes that comes late (seed %d)',
    async (seed) => {
      await runPlatform({ seed, kind: 'operated' });
    },
    60_000,
  );

  it('is the same history for the same seed', async () => {
    const run = { seed: 3, kind: 'operated', slices: 12 } as const;
    const [first, second] = [await runPlatform(run), await runPlatform(run)];
    expect(second.historyHash).toBe(first.historyHash);
  }, 120_000);
});

describe('a world by the clock on the wall', () => {
  it('sends nothing whose decision has grown old on its way, and that happens', async () => {
    const reasons: string[] = [];
    for (let seed = 1; seed <= SEEDS / 2; seed += 1) {
      let world: SimWorld | undefined;
      await runPlatform({
        seed,
        kind: 'live',
        spoil: (one) => {
          world = one;
        },
      });
      const orders = (await world?.store.orders({ states: ['denied'], limit: LIMIT })) ?? [];
      reasons.push(...orders.map(({ reason = '' }) => reason));
    }
    expect(reasons.filter((reason) => reason.startsWith('decision-age: '))).not.toEqual([]);
  }, 120_000);
});

describe('a world whose owners stand still in the middle of what they do', () => {
  it('comes to what a run without faults comes to', async () => {
    let freezes = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { faults } = await runPlatform({ seed, kind: 'thawed' });
      freezes += faults.freezeAtCall ?? 0;
    }
    expect(freezes).toBeGreaterThan(SEEDS);
  }, 300_000);
});
