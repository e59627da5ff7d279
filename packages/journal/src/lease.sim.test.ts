import { assert } from '@capstan/domain';
import { runSim, type SimPorts, type SimWorld } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { acquireLease, type Lease } from './lease.ts';
import { releaseLeasesOf } from './release-leases.ts';

const KEYS = ['risk/a', 'risk/b'];
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

interface Rival {
  readonly name: string;
  /** By key; of the present life. */
  readonly leases: Map<string, Lease>;
  holder: string;
}

/** Takes every key that it can, holds it for a while, gives it back. */
function makeRival(rival: Rival, taken: Map<string, number>) {
  return (ports: SimPorts) => {
    const stop = new AbortController();
    rival.leases.clear();
    rival.holder = ports.ids.incarnation();
    const compete = async (key: string): Promise<void> => {
      const lease = await acquireLease(ports, key, rival.holder, stop.signal);
      if (lease === undefined) return;
      rival.leases.set(key, lease);
      taken.set(key, (taken.get(key) ?? 0) + 1);
      const lost = new AbortController();
      lease.keep(() => lost.abort());
      await ports.clock.sleep(4_000, lost.signal);
      await lease.release();
      await ports.clock.sleep(500);
      return compete(key);
    };
    return { run: async () => void (await Promise.all(KEYS.map(compete))) };
  };
}

function atMostOneHolds(world: SimWorld, rivals: readonly Rival[]): void {
  for (const key of KEYS) {
    const holders = rivals.filter(({ name, leases }) => {
      const alive = world.processes.some((one) => one.name === name && one.isAlive);
      return alive && leases.get(key)?.held() === true;
    });
    assert(holders.length <= 1, `${key} is held by ${holders.map(({ name }) => name).join(', ')}`);
  }
}

describe('three processes that compete for two keys', () => {
  it.each(SEEDS)('never hold one key at the same time (seed %d)', async (seed) => {
    const rivals = ['x', 'y', 'z'].map((name): Rival => ({ name, leases: new Map(), holder: '' }));
    const taken = new Map<string, number>();
    let released = 0;
    const report = await runSim({
      seed,
      untilMs: 90_000,
      faultsUntilMs: 60_000,
      faults: { crash: 40, freeze: 40 },
      build: (world) => {
        const processes = rivals.map((rival) => world.process(rival.name, makeRival(rival, taken)));
        // What a supervisor does: kills, sees the end, and hands the keys over at once.
        world.at(20_000, () => {
          const [victim, dead] = [processes[0], rivals[0]?.holder];
          victim?.crash();
          void releaseLeasesOf({ kv: world.kv, log: world.log }, (one) => one === dead).then(
            (keys) => {
              released += keys.length;
            },
          );
        });
      },
      always: (world) => atMostOneHolds(world, rivals),
      check: () => {
        for (const key of KEYS) expect(taken.get(key)).toBeGreaterThan(3);
      },
      replay: (replayed) => `npx vitest run packages/journal -t "seed ${replayed}"`,
    });
    expect(report.steps).toBeGreaterThan(500);
    expect(released).toBeLessThanOrEqual(KEYS.length);
  });
});
