import { describe, expect, it } from 'vitest';
import { CAREFUL, MUTE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

describe('an order without a clear answer', () => {
  it('that the venue has is found; the slice is done once', async () => {
    const world = new World();
    world.venue.doings.push('unanswered');
    world.slice(1, [terms('a')]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'accepted', venueOrderId: 'X1' });
    const { orders } = await world.told();
    expect(orders[0]?.orders.map((order) => order.state)).toEqual(['unknown']);
    expect(orders[0]?.sliceDone).toBeUndefined();
    expect(await world.done()).toEqual([1]);
  });

  it('that the venue does not have is sent again once, under the same id', async () => {
    const world = new World();
    world.venue.doings.push('lost');
    world.slice(1, [terms('a')]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a', 'a']);
    expect(await world.order('a')).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1]);
  });

  it('is not sent again before the venue would show it', async () => {
    const world = new World();
    world.venue.capabilities = { ...CAREFUL, visibilityMs: 2_000 };
    world.venue.doings.push('lost');
    const sentAtMs: number[] = [];
    world.venue.onSubmit = () => sentAtMs.push(world.clock.monotonicMs());
    world.slice(1, [terms('a')]);
    await world.run();
    expect(sentAtMs).toHaveLength(2);
    expect((sentAtMs[1] ?? 0) - (sentAtMs[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  it('is given up where the venue would take it twice, and only when its absence is proved', async () => {
    const world = new World();
    world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId: false };
    world.venue.doings.push('lost');
    world.slice(1, [terms('a')]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'rejected' });
    expect(world.clock.monotonicMs()).toBeGreaterThanOrEqual(1_000);
    expect(await world.done()).toEqual([1]);
  });

  it('is given up once its decision has expired', async () => {
    const world = new World();
    world.settings = { ...world.settings, eventTime: false };
    world.venue.doings.push('lost');
    world.venue.onSubmit = () => {
      world.venue.down = true;
      void world.clock.advance(200_000).then(() => {
        world.venue.down = false;
      });
    };
    world.slice(1, [terms('a')]);
    await world.run();
    expect(world.venue.arrivals.length).toBeLessThanOrEqual(1);
    expect(await world.order('a')).toMatchObject({ state: 'rejected' });
  });

  it('holds the slice, and later slices, for as long as the venue is away', async () => {
    const world = new World();
    world.venue.down = true;
    world.slice(1, [terms('a')]);
    world.slice(2, [terms('b', { expiresAtUs: at(3) })]);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'unknown' });
    expect(await world.done()).toEqual([]);
    world.venue.down = false;
    await world.run();
    expect(world.venue.arrivals).toEqual(['a', 'b']);
    expect(await world.done()).toEqual([1, 2]);
  });

  it('is resolved by an event of the venue before anybody asks', async () => {
    const world = new World();
    world.venue.doings.push('unanswered');
    world.venue.onSubmit = () => {
      world.venue.find = () => Promise.reject(new Error('must not be asked'));
    };
    world.slice(1, [terms('a')]);
    const { kind } = await world.run();
    expect(kind).toBe('idle');
    expect(await world.order('a')).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1]);
  });

  it('holds its symbol but not the slice where the venue cannot be asked', async () => {
    const world = new World();
    world.venue.capabilities = MUTE;
    world.venue.doings.push('lost');
    world.slice(1, [terms('a')]);
    world.slice(2, [
      terms('b', { expiresAtUs: at(3) }),
      terms('c', { expiresAtUs: at(3), symbol: 'QQQ' }),
      terms('d', { expiresAtUs: at(3), reducing: true, side: 'sell' }),
    ]);
    await world.run();
    expect(await world.done()).toEqual([1, 2]);
    expect(await world.order('a')).toMatchObject({ state: 'unknown' });
    expect((await world.order('b')).reason).toMatch(/^hold: /);
    expect(world.venue.arrivals).toEqual(['a', 'c', 'd']);
  });

  it('lets no further order out into the dark', async () => {
    const world = new World();
    const many = Array.from({ length: 70 }, (_, index) => terms(`o${index}`));
    world.venue.down = true;
    let sends = 0;
    world.venue.onSubmit = () => {
      sends += 1;
    };
    world.slice(1, many);
    await world.run();
    expect(sends).toBeLessThanOrEqual(64);
    expect(await world.order('o69')).toMatchObject({ state: 'unknown' });
    world.venue.down = false;
    await world.run();
    expect(new Set(world.venue.arrivals).size).toBe(70);
    expect(world.venue.arrivals).toHaveLength(70);
    expect(await world.done()).toEqual([1]);
  });

  it('that is killed is not sent again', async () => {
    const world = new World();
    world.venue.doings.push('lost');
    world.venue.onSubmit = () => {
      world.venue.onSubmit = () => undefined;
      void world.setSwitch('soft');
    };
    world.slice(1, [terms('a')]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'rejected' });
    expect(await world.done()).toEqual([1]);
  });

  it('given up and then accepted after all is cancelled', async () => {
    const world = new World();
    world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId: false };
    world.venue.doings.push('lost');
    world.slice(1, [terms('a')]);
    await world.run();
    await world.venue.submit(terms('a'));
    await world.run();
    expect(world.venue.cancels).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'rejected' });
  });
});
