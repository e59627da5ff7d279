import { describe, expect, it } from 'vitest';
import { readMany, textsOf } from './bus-reading.ts';
import type { BusWorld } from './bus-suite.ts';
import { expectCode, expectSame } from './expectations.ts';
import { bytes } from './samples.ts';

const BUCKET = 'switches';

/** The contract of `Kv`. */
export function describeKv(world: BusWorld): void {
  const kv = () => world.opened().kv;
  kvWatches(world);

  describe('keys and values', () => {
    it('have an epoch a bucket', async () => {
      const epochUs = await kv().epochUs('leases');
      expect(epochUs).toBeGreaterThan(0);
      await kv().put('leases', world.unique('k'), bytes('x'));
      expect(await kv().epochUs('leases')).toBe(epochUs);
    });

    it('are created once', async () => {
      const key = `${world.unique('risk')}/pa_per=2e=x.y-z`;
      expect(await kv().get('leases', key)).toBeUndefined();
      const revision = await kv().create('leases', key, Uint8Array.of(0, 255));
      const entry = { key, value: Uint8Array.of(0, 255), revision };
      expectSame(await kv().get('leases', key), entry);
      await expectCode(kv().create('leases', key, bytes('b')), 'KV.CONFLICT');
      expectSame(await kv().get('leases', key), entry);
    });

    it('are updated only from their current revision', async () => {
      const key = world.unique('k');
      const first = await kv().create(BUCKET, key, bytes('a'));
      const second = await kv().update(BUCKET, key, bytes('b'), first);
      expect(second).toBeGreaterThan(first);
      await expectCode(kv().update(BUCKET, key, bytes('c'), first), 'KV.CONFLICT');
      await expectCode(kv().update(BUCKET, key, bytes('c'), second + 1_000), 'KV.CONFLICT');
      expectSame(await kv().get(BUCKET, key), { key, value: bytes('b'), revision: second });
    });

    it('are not created by an update', async () => {
      const key = world.unique('k');
      await expectCode(kv().update(BUCKET, key, bytes('a'), 7), 'KV.CONFLICT');
      expect(await kv().get(BUCKET, key)).toBeUndefined();
    });

    it('are put whatever is there', async () => {
      const key = world.unique('k');
      const first = await kv().put(BUCKET, key, bytes('a'));
      const second = await kv().put(BUCKET, key, new Uint8Array());
      expect(second).toBeGreaterThan(first);
      expectSame(await kv().get(BUCKET, key), { key, value: new Uint8Array(), revision: second });
      expect(await kv().update(BUCKET, key, bytes('c'), second)).toBeGreaterThan(second);
    });

    it('have revisions that rise over the whole bucket', async () => {
      const [a, b] = [world.unique('k'), world.unique('k')];
      const revisions = [
        await kv().create(BUCKET, a, bytes('1')),
        await kv().create(BUCKET, b, bytes('1')),
        await kv().put(BUCKET, a, bytes('2')),
        await kv().put(BUCKET, b, bytes('2')),
      ];
      expect(revisions).toEqual([...new Set(revisions)].sort((x, y) => x - y));
    });

    it('let one of two rivals win', async () => {
      const key = world.unique('k');
      const revision = await kv().create('leases', key, bytes('a'));
      const outcomes = await Promise.allSettled(
        ['b', 'c'].map((text) => kv().update('leases', key, bytes(text), revision)),
      );
      expect(outcomes.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('are listed, sorted, each once', async () => {
      const [a, b] = [world.unique('listed'), `${world.unique('listed')}/pa_per=2e=x.y-z`];
      const mine = async () => (await kv().keys(BUCKET)).filter((key) => key === a || key === b);
      expect(await mine()).toEqual([]);
      await kv().put(BUCKET, b, bytes('1'));
      await kv().create(BUCKET, a, new Uint8Array());
      await kv().put(BUCKET, b, bytes('2'));
      expect(await mine()).toEqual([a, b].sort());
      expect(await kv().keys('leases')).not.toContain(a);
      const all = await kv().keys(BUCKET);
      expect(all).toEqual([...new Set(all)].sort());
    });

    it('are copies', async () => {
      const key = world.unique('k');
      const value = bytes('abc');
      await kv().put(BUCKET, key, value);
      value.fill(0);
      (await kv().get(BUCKET, key))?.value.fill(1);
      expectSame((await kv().get(BUCKET, key))?.value, bytes('abc'));
    });
  });
}

function kvWatches(world: BusWorld): void {
  const kv = () => world.opened().kv;
  const textOf = (entries: readonly { value: Uint8Array }[]) =>
    textsOf(entries.map((entry) => ({ data: entry.value })));

  describe('a watch', () => {
    it('gives the current values first, then each change in order', async () => {
      const base = world.unique('w');
      const [a, b] = [`${base}.a`, `${base}.b`];
      await kv().put(BUCKET, a, bytes('a0'));
      await kv().put(BUCKET, a, bytes('a1'));
      await kv().put(BUCKET, b, bytes('b1'));
      const watch = await kv().watch(BUCKET, `${base}.*`);
      const current = await readMany(watch, 2);
      expect(textOf(current).sort()).toEqual(['a1', 'b1']);
      const written = [
        await kv().put(BUCKET, b, bytes('b2')),
        await kv().put(BUCKET, a, bytes('a2')),
      ];
      const changes = await readMany(watch, 2);
      expect(textOf(changes)).toEqual(['b2', 'a2']);
      expect(changes.map((entry) => entry.key)).toEqual([b, a]);
      expect(changes.map((entry) => entry.revision)).toEqual(written);
      await watch.close();
    });

    it('waits while nothing is there', async () => {
      const key = world.unique('w');
      const watch = await kv().watch(BUCKET, key);
      const waiting = watch.next();
      await kv().put(BUCKET, world.unique('w'), bytes('other'));
      await kv().create(BUCKET, key, bytes('mine'));
      expect(textOf(await waiting)).toEqual(['mine']);
      await watch.close();
    });

    it('matches one part by a star and the rest by an angle', async () => {
      const base = world.unique('w');
      for (const key of ['x', 'x.y', 'x.y.z', 'x/q']) {
        await kv().put(BUCKET, `${base}.${key}`, bytes(key));
      }
      const read = async (pattern: string, count: number) => {
        const watch = await kv().watch(BUCKET, `${base}.${pattern}`);
        const entries = await readMany(watch, count);
        await watch.close();
        return textOf(entries).sort();
      };
      expect(await read('*', 2)).toEqual(['x', 'x/q']);
      expect(await read('x.>', 2)).toEqual(['x.y', 'x.y.z']);
      expect(await read('>', 4)).toEqual(['x', 'x.y', 'x.y.z', 'x/q']);
      expect(await read('*.y', 1)).toEqual(['x.y']);
    });

    it('ends with nothing when it is closed, also while it waits', async () => {
      const watch = await kv().watch(BUCKET, world.unique('w'));
      const waiting = watch.next();
      await watch.close();
      expect(await waiting).toEqual([]);
      expect(await watch.next()).toEqual([]);
    });
  });
}
