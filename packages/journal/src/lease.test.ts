import { InvariantError } from '@capstan/domain';
import type { Kv } from '@capstan/ports';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  away,
  bytes,
  holderOf,
  JournalWorld,
  refused,
  withMethods,
} from './journal.test-support.ts';
import { acquireLease, type Lease } from './lease.ts';
import { LIMITS } from './limits.ts';

const KEY = 'risk/paper';
const SILENCE_MS = LIMITS.leaseTtlMs + LIMITS.leaseGraceMs;

let world: JournalWorld;
let stop: AbortController;
beforeEach(() => {
  world = new JournalWorld();
  stop = new AbortController();
});

/** Asks for the lease; what was got is in `lease`. */
function asking(holder: string, kv: Kv = world.kv) {
  const asked: { lease?: Lease; error?: unknown; ended: boolean } = { ended: false };
  const { clock, log } = world;
  const done = acquireLease({ kv, clock, log }, KEY, holder, stop.signal).then(
    (lease) => {
      if (lease !== undefined) asked.lease = lease;
      asked.ended = true;
    },
    (error: unknown) => {
      asked.error = error;
    },
  );
  return Object.assign(asked, { done });
}

async function held(holder: string, kv: Kv = world.kv): Promise<Lease> {
  const asked = asking(holder, kv);
  await world.clock.advance(0);
  if (asked.lease === undefined) throw new Error(`${holder} did not get the lease`);
  return asked.lease;
}

describe('a candidate', () => {
  it('takes a key at once that nobody ever had', async () => {
    const lease = await held('a');
    expect(lease.held()).toBe(true);
    const entry = await world.kv.get('leases', KEY);
    const epochUs = await world.kv.epochUs('leases');
    expect(lease.fence).toEqual({ key: KEY, epochUs, token: entry?.revision });
  });

  it('takes a released key at once, with a greater token', async () => {
    const first = await held('a');
    await first.release();
    const second = await held('b');
    expect(second.fence.token).toBeGreaterThan(first.fence.token);
    expect(first.held()).toBe(false);
  });

  it('takes the key of a silent holder after the TTL and the grace, not before', async () => {
    await held('a');
    const asked = asking('b');
    await world.clock.advance(SILENCE_MS - 1);
    expect(asked.lease).toBeUndefined();
    await world.clock.advance(1 + LIMITS.leasePollMs);
    expect(asked.lease?.held()).toBe(true);
  });

  it('counts the silence anew when the holder is heard of', async () => {
    const silent = await held('a');
    const asked = asking('b');
    await world.clock.advance(SILENCE_MS - 100);
    await world.kv.put('leases', KEY, bytes(JSON.stringify({ holder: 'a', beat: 9 })));
    await world.clock.advance(SILENCE_MS - LIMITS.leasePollMs);
    expect(asked.lease).toBeUndefined();
    expect(silent.held()).toBe(false);
  });

  it('waits for ever on a holder that renews', async () => {
    const lease = await held('a');
    lease.keep(() => undefined);
    const asked = asking('b');
    await world.clock.advance(60_000);
    expect(lease.held()).toBe(true);
    expect(asked.lease).toBeUndefined();
    stop.abort();
    await asked.done;
    expect(asked).toMatchObject({ ended: true });
    await lease.release();
  });

  it('knows its own write again whose answer was lost', async () => {
    let answers = 0;
    const kv = withMethods<Kv>(world.kv, {
      create: async (...write) => {
        await world.kv.create(...write);
        answers += 1;
        throw away();
      },
    });
    const asked = asking('a', kv);
    await world.clock.advance(LIMITS.leasePollMs);
    expect(answers).toBe(1);
    expect(asked.lease?.held()).toBe(true);
    expect(asked.lease?.fence.token).toBe((await world.kv.get('leases', KEY))?.revision);
  });

  it('lets one of two win who see the same', async () => {
    const both = [asking('a'), asking('b')];
    await world.clock.advance(0);
    expect(both.filter(({ lease }) => lease !== undefined)).toHaveLength(1);
    stop.abort();
  });

  it('waits and says so once where the bus refuses', async () => {
    let refusals = 0;
    const kv = withMethods<Kv>(world.kv, {
      get: (...read) => {
        refusals += 1;
        return refusals <= 10 ? Promise.reject(refused()) : world.kv.get(...read);
      },
    });
    const asked = asking('a', kv);
    await world.clock.advance(11 * LIMITS.leasePollMs);
    expect(asked.lease?.held()).toBe(true);
    expect(world.messages()).toEqual(['the lease cannot be asked for']);
  });

  it('takes what is no lease for a bug', async () => {
    await world.kv.put('leases', KEY, bytes('{"owner":1}'));
    const asked = asking('a');
    await world.clock.advance(0);
    expect(asked.error).toBeInstanceOf(InvariantError);
  });

  it('asks for the epoch before it writes, so that its fence is never too great', async () => {
    const before = await world.kv.epochUs('leases');
    const kv = withMethods<Kv>(world.kv, {
      create: (...write) => {
        world.kv.recreateBucket('leases');
        return world.kv.create(...write);
      },
    });
    const lease = await held('a', kv);
    expect(lease.fence.epochUs).toBe(before);
    expect(await world.kv.epochUs('leases')).toBeGreaterThan(before);
  });
});

describe('a holder', () => {
  it('counts its TTL from the sending of the write, not from the answer', async () => {
    const kv = withMethods<Kv>(world.kv, {
      create: async (...write) => {
        const revision = await world.kv.create(...write);
        await world.clock.sleep(2_000);
        return revision;
      },
    });
    const asked = asking('a', kv);
    await world.clock.advance(2_000);
    expect(asked.lease?.held()).toBe(true);
    await world.clock.advance(LIMITS.leaseTtlMs - 2_001);
    expect(asked.lease?.held()).toBe(true);
    await world.clock.advance(1);
    expect(asked.lease?.held()).toBe(false);
  });

  it('survives a renewal whose answer was lost', async () => {
    let lost = 0;
    const kv = withMethods<Kv>(world.kv, {
      update: async (...write) => {
        const revision = await world.kv.update(...write);
        lost += 1;
        if (lost === 1) throw away();
        return revision;
      },
    });
    const lease = await held('a', kv);
    let told = 0;
    lease.keep(() => {
      told += 1;
    });
    for (let second = 0; second < 10; second += 1) {
      await world.clock.advance(1_000);
      expect(lease.held()).toBe(true);
    }
    expect(lost).toBeGreaterThan(5);
    expect(told).toBe(0);
    await lease.release();
    expect(await holderOf(world.kv, KEY)).toBe('');
  });

  it('is told once that another took the key, and does not touch it again', async () => {
    const lease = await held('a');
    let told = 0;
    lease.keep(() => {
      told += 1;
    });
    await world.kv.put('leases', KEY, bytes(JSON.stringify({ holder: 'b', beat: 1 })));
    await world.clock.advance(LIMITS.leaseRenewMs);
    expect(lease.held()).toBe(false);
    await world.clock.advance(10_000);
    expect(told).toBe(1);
    await lease.release();
    expect(await holderOf(world.kv, KEY)).toBe('b');
  });

  it('is told when the bucket was made anew', async () => {
    const lease = await held('a');
    let told = 0;
    lease.keep(() => {
      told += 1;
    });
    world.kv.recreateBucket('leases');
    await world.clock.advance(LIMITS.leaseRenewMs);
    expect([told, lease.held()]).toEqual([1, false]);
  });

  it.each([
    ['away', away],
    ['refusing', refused],
  ])('stops at its TTL while the bus is %s, and holds until then', async (_, failure) => {
    const kv = withMethods<Kv>(world.kv, { update: () => Promise.reject(failure()) });
    const lease = await held('a', kv);
    let told = 0;
    lease.keep(() => {
      told += 1;
    });
    await world.clock.advance(LIMITS.leaseTtlMs - 1);
    expect([told, lease.held()]).toEqual([0, true]);
    await world.clock.advance(LIMITS.leaseRenewMs);
    expect([told, lease.held()]).toEqual([1, false]);
  });

  it('waits for certainty while it cannot read who took the key', async () => {
    const lease = await held(
      'a',
      withMethods<Kv>(world.kv, {
        get: async (...read) => {
          const entry = await world.kv.get(...read);
          if (entry !== undefined) throw away();
          return entry;
        },
      }),
    );
    let told = 0;
    lease.keep(() => {
      told += 1;
    });
    await world.kv.put('leases', KEY, bytes(JSON.stringify({ holder: 'b', beat: 1 })));
    await world.clock.advance(LIMITS.leaseTtlMs - 1);
    expect([told, lease.held()]).toEqual([0, true]);
    await world.clock.advance(LIMITS.leaseRenewMs);
    expect([told, lease.held()]).toEqual([1, false]);
  });

  it('gives up the lease over a bug, which its release throws', async () => {
    const kv = withMethods<Kv>(world.kv, { update: () => Promise.reject(new InvariantError('x')) });
    const lease = await held('a', kv);
    let told = 0;
    lease.keep(() => {
      told += 1;
    });
    await world.clock.advance(LIMITS.leaseRenewMs);
    expect([told, lease.held()]).toEqual([1, false]);
    await expect(lease.release()).rejects.toBeInstanceOf(InvariantError);
  });

  it('lets the lease lapse where it cannot be released, and says so', async () => {
    let failing = false;
    const kv = withMethods<Kv>(world.kv, {
      update: (...write) => (failing ? Promise.reject(away()) : world.kv.update(...write)),
    });
    const lease = await held('a', kv);
    lease.keep(() => undefined);
    failing = true;
    await lease.release();
    expect(lease.held()).toBe(false);
    expect(world.messages()).toEqual(['lease was not released; it will lapse']);
    expect(await holderOf(world.kv, KEY)).toBe('a');
  });
});
