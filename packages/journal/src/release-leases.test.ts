import type { Kv } from '@capstan/ports';
import { beforeEach, expect, it } from 'vitest';
import { away, bytes, holderOf, JournalWorld, withMethods } from './journal.test-support.ts';
import { acquireLease } from './lease.ts';
import { LIMITS } from './limits.ts';
import { isOfProcess, releaseLeasesOf } from './release-leases.ts';

const DEAD = 'box-12-abc';
const isDead = isOfProcess('box', 12);
const lease = (holder: string, beat = 1) => bytes(JSON.stringify({ holder, beat }));

let world: JournalWorld;
beforeEach(async () => {
  world = new JournalWorld();
  await world.kv.put('leases', 'risk/paper', lease(DEAD));
  await world.kv.put('leases', 'execution/paper', lease(DEAD));
  await world.kv.put('leases', 'bot/alive', lease('box-13-abc'));
  await world.kv.put('leases', 'bot/free', lease('', 0));
});

it('tells the holders of one process', () => {
  expect(isDead(DEAD)).toBe(true);
  expect(isOfProcess('box-12', 3)('box-12-3-abc')).toBe(true);
  for (const other of ['box-123-abc', 'box-1-abc', 'box-12-3-abc', 'ybox-12-abc', '']) {
    expect(isDead(other)).toBe(false);
  }
});

it('releases what the dead held, and nothing else', async () => {
  const released = await releaseLeasesOf(world, isDead);
  expect(released).toEqual(['execution/paper', 'risk/paper']);
  expect(await holderOf(world.kv, 'risk/paper')).toBe('');
  expect(await holderOf(world.kv, 'bot/alive')).toBe('box-13-abc');
  expect(world.log.lines.map(({ fields }) => fields)).toContainEqual({
    key: 'risk/paper',
    holder: DEAD,
  });
  expect(await releaseLeasesOf(world, isDead)).toEqual([]);
});

it('lets a successor take the key at its next look', async () => {
  const taken = acquireLease(world, 'risk/paper', 'box-14-abc', new AbortController().signal);
  await world.clock.advance(0);
  await releaseLeasesOf(world, isDead);
  await world.clock.advance(LIMITS.leasePollMs);
  expect((await taken)?.held()).toBe(true);
});

it('looks again after a renewal that was still on its way', async () => {
  let late = true;
  const kv = withMethods<Kv>(world.kv, {
    update: async (...write) => {
      if (late) await world.kv.put('leases', 'execution/paper', lease(DEAD, 2));
      late = false;
      return world.kv.update(...write);
    },
  });
  expect(await releaseLeasesOf({ kv, log: world.log }, isDead)).toHaveLength(2);
  expect(await holderOf(world.kv, 'execution/paper')).toBe('');
});

it('leaves a key to whoever took it meanwhile', async () => {
  const kv = withMethods<Kv>(world.kv, {
    update: async (bucket, key, ...write) => {
      if (key === 'risk/paper') await world.kv.put(bucket, key, lease('box-14-abc'));
      return world.kv.update(bucket, key, ...write);
    },
  });
  expect(await releaseLeasesOf({ kv, log: world.log }, isDead)).toEqual(['execution/paper']);
  expect(await holderOf(world.kv, 'risk/paper')).toBe('box-14-abc');
});

it('passes over a key that is gone, and rejects while the bus is away', async () => {
  const gone = withMethods<Kv>(world.kv, { get: () => Promise.resolve(undefined) });
  expect(await releaseLeasesOf({ kv: gone, log: world.log }, isDead)).toEqual([]);
  const failing = withMethods<Kv>(world.kv, { update: () => Promise.reject(away()) });
  await expect(releaseLeasesOf({ kv: failing, log: world.log }, isDead)).rejects.toMatchObject({
    code: 'BUS.UNAVAILABLE',
  });
});
