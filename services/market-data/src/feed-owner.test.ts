import { decodeBar, subjects } from '@capstan/contracts';
import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { at, BreakingStore, FeedWorld, slicesOf } from './feed-world.fixture.ts';
import { ListSource } from './slice-source.ts';

const ALL = {
  runId: 'run',
  feed: 'demo',
  symbols: ['QQQ', 'SPY'],
  timeframe: '1m' as const,
  afterUs: timeUs(0),
  throughUs: timeUs(Number.MAX_SAFE_INTEGER),
  limit: 1_000,
};
const ends = (world: FeedWorld) => world.closings().map((closing) => closing.endUs);
const stream = (world: FeedWorld) =>
  world.messages().map(({ subject, data }) => `${subject} ${Buffer.from(data).toString('hex')}`);

describe('FeedOwner', () => {
  it('journals the past, says that it is open, and waits for its accounts', async () => {
    const world = new FeedWorld();
    await world.until('the opening', () => world.closings().length > 0);
    await world.settle();
    expect(world.closings()).toMatchObject([{ endUs: at(2), symbols: [], last: false }]);
    expect(await world.store.bars(ALL)).toHaveLength(4);
    expect(world.status).toMatchObject({ published: 0, expected: ['paper'] });
  });

  it('publishes the bars of a slice before its closing, and marks the last one', async () => {
    const world = new FeedWorld();
    await world.playThrough();
    expect(ends(world)).toEqual([at(2), at(3), at(4), at(5)]);
    expect(world.closings().map((closing) => closing.last)).toEqual([false, false, false, true]);
    const third = world.messages().slice(1, 4);
    expect(third.map((message) => message.subject)).toEqual([
      subjects.bar('TEST', 'QQQ', '1m'),
      subjects.bar('TEST', 'SPY', '1m'),
      subjects.barsClosed('demo'),
    ]);
    expect(decodeBar(third[0]?.data ?? new Uint8Array())).toMatchObject({
      symbol: 'QQQ',
      endUs: at(3),
      venue: 'TEST',
    });
    expect(await world.store.bars(ALL)).toHaveLength(10);
    expect(world.status).toMatchObject({ finished: true, published: 3 });
  });

  it('holds a slice back until every account is through with the one before', async () => {
    const world = new FeedWorld(new ListSource(slicesOf(4)), { accounts: ['a', 'b'] });
    await world.done('a', timeUs(0));
    await world.settle();
    expect(ends(world)).toEqual([0]);
    await world.done('b', timeUs(0));
    await world.until('the first slice', () => ends(world).length === 2);
    await world.done('b', at(1));
    await world.done('a', at(0));
    await world.settle();
    expect(ends(world)).toEqual([0, at(1)]);
    await world.done('a', at(1));
    await world.until('the second slice', () => ends(world).length === 3);
  });

  it('lets an account without active bots go, and waits for one that joins', async () => {
    const world = new FeedWorld(new ListSource(slicesOf(4)), { accounts: ['a', 'b'] });
    await world.done('a', timeUs(0));
    await world.done('b', timeUs(0), 0);
    await world.until('the first slice', () => ends(world).length === 2);
    await world.done('c', timeUs(0));
    await world.done('a', at(1));
    await world.settle();
    expect(ends(world)).toHaveLength(2);
    await world.done('c', at(1));
    await world.until('the second slice', () => ends(world).length === 3);
  });

  it('passes over what is said of other feeds and runs', async () => {
    const world = new FeedWorld();
    await world.done('paper', at(2), 1, { feed: 'other' });
    await world.done('paper', at(2), 1, { runId: 'other' });
    await world.settle();
    expect(ends(world)).toEqual([at(2)]);
  });

  it('plays without accounts as fast as its pace allows', async () => {
    const world = new FeedWorld(new ListSource(slicesOf(3)), { accounts: [], intervalMs: 60_000 });
    await world.clock.advance(30_000);
    expect(ends(world)).toEqual([0, at(1)]);
    await world.clock.advance(60_000);
    expect(ends(world)).toEqual([0, at(1), at(2)]);
  });

  it('says that it has ended where there is nothing to play', async () => {
    const world = new FeedWorld(new ListSource(slicesOf(2), 2));
    await world.until('the opening', () => world.status !== undefined);
    expect(world.status).toMatchObject({ finished: true, published: 0 });
  });

  it('goes on where it stopped, with the accounts that it waited for', async () => {
    const world = new FeedWorld(new ListSource(slicesOf(3)));
    await world.done('paper', timeUs(0));
    await world.until('the first slice', () => ends(world).length === 2);
    await world.restart({ accounts: [] });
    await world.settle();
    expect(ends(world)).toHaveLength(2);
    await world.done('paper', at(1));
    await world.until('the second slice', () => ends(world).length === 3);
  });

  it('plays what a longer source adds after its end', async () => {
    const world = new FeedWorld(new ListSource(slicesOf(2)), { accounts: [] });
    await world.until('the end', () => world.status?.finished === true);
    await world.restart({}, new ListSource(slicesOf(3)));
    await world.until('the third slice', () => ends(world).length === 4);
    expect(ends(world).at(-1)).toBe(at(3));
  });

  it('gives the same stream and journal wherever the journal breaks', async () => {
    const source = () => new ListSource(slicesOf(6), 2);
    const calm = new FeedWorld(source());
    await calm.playThrough();
    expect(calm.store.commits).toBeGreaterThan(4);
    for (let cut = 1; cut <= calm.store.commits; cut += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = new FeedWorld(source(), {}, new BreakingStore(cut, when));
        await world.playThrough();
        expect(stream(world)).toEqual(stream(calm));
        expect(await world.store.bars(ALL)).toEqual(await calm.store.bars(ALL));
      }
    }
  });

  it('journals a long past once, though interrupted', async () => {
    const past = slicesOf(2_600);
    const calm = new FeedWorld(new ListSource(past, 2_599));
    await calm.until('the opening', () => calm.closings().length > 0);
    const world = new FeedWorld(new ListSource(past, 2_599), {}, new BreakingStore(2, 'before'));
    await world.until('the opening', () => world.closings().length > 0);
    expect(world.store.commits).toBeGreaterThan(calm.store.commits);
    const bars = await world.store.bars({ ...ALL, limit: 10_000 });
    expect(bars).toHaveLength(5_198);
  });
});
