import { type Exits, type OrderTerms, priceNanos, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { at, type Crash, terms, World } from './test-world.ts';

const dollars = (price: number) => priceNanos(Math.round(price * 1_000_000_000));
const bracket = { stopPriceNanos: dollars(95), takeProfitPriceNanos: dollars(110) };

/** A world whose venue keeps no exits, and has taken an entry `a` of ten. */
async function entered(exits: Exits = bracket, of: Partial<OrderTerms> = {}): Promise<World> {
  const world = new World();
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a', { exits, ...of })]);
  await world.run();
  return world;
}

/** Closes a minute with a low and a high, and with it the slice. */
async function minute(
  world: World,
  number: number,
  low: number,
  high: number,
  orders: readonly OrderTerms[] = [],
): Promise<void> {
  await world.bar(number, dollars(low), dollars(high));
  world.venue.nowUs = at(number);
  world.slice(number, orders);
}

/** Fills whatever closes as it arrives. */
function fillsClosing(world: World): void {
  world.venue.onSubmit = ({ orderId, leg, quantity: amount, side }) => {
    if (side === 'sell' && leg === 0) queueMicrotask(() => world.venue.fill(orderId, amount));
  };
}

const held = async (world: World): Promise<number> =>
  (await world.store.fillsAfter('paper', 0, 100)).reduce(
    (sum, { side, quantity: amount }) => sum + (side === 'buy' ? amount : -amount),
    0,
  );

const closing = async (world: World) => {
  const orders = await world.store.orders({ accountId: 'paper', limit: 99 });
  return orders.filter((order) => order.side === 'sell' && order.state !== 'denied');
};

describe('exits that the venue does not keep', () => {
  it('stay here: the entry goes without them', async () => {
    const world = await entered();
    expect(world.venue.placed('a')?.terms.exits).toBeUndefined();
    expect((await world.order('a')).exits).toEqual(bracket);
  });

  it.each([
    ['a stop', bracket, [96, 100], [95, 96]],
    ['a target', bracket, [96, 100], [105, 110]],
    ['a trail', { trailBps: 200 }, [99, 104], [101.9, 102]],
  ] as const)('close by %s what is held, over a restart too', async (_, exits, quiet, reaching) => {
    const world = await entered(exits);
    fillsClosing(world);
    world.venue.fill('a', 10);
    await minute(world, 2, quiet[0], quiet[1]);
    await world.run();
    expect(await closing(world)).toEqual([]);
    await minute(world, 3, reaching[0], reaching[1]);
    await world.run();
    const [order, ...more] = await closing(world);
    expect(more).toEqual([]);
    expect(order).toMatchObject({ type: 'market', quantity: 10, reducing: true, state: 'filled' });
    expect(await held(world)).toBe(0);
    const [intent] = await world.store.intents({ limit: 9 });
    expect(intent).toMatchObject({ causeKind: 'protection', reducing: true });
  });

  it('see what happened while nobody owned the account', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 10);
    await world.run();
    await minute(world, 2, 94, 100);
    await minute(world, 3, 100, 101);
    await world.run();
    expect(await held(world)).toBe(0);
    expect(await closing(world)).toHaveLength(1);
  });

  it('see what happened in a time that has more bars than are read at once', async () => {
    const world = await entered();
    world.venue.fill('a', 10);
    await world.run();
    const week = 7 * 1_440 + 5;
    const fence = { key: 'feed/demo', epochUs: at(0), token: 1 };
    await world.store.takeOwnership(fence);
    const bars = Array.from({ length: week - 1 }, (_, index) => {
      const [startUs, endUs] = [at(index + 1), at(index + 2)];
      const price = dollars(index === 20 ? 94 : 100);
      return {
        ...{ runId: 'live', feed: 'demo', venue: 'SIM', symbol: 'SPY', timeframe: '1m' as const },
        ...{ openNanos: price, highNanos: price, lowNanos: price, closeNanos: price },
        ...{ startUs, endUs, revision: 0, volume: 1 },
      };
    });
    expect(bars.length).toBeGreaterThan(LIMITS.guardBarsMax + 20);
    await world.store.commit({ fence, bars });
    world.slice(week, []);
    await world.run();
    expect(await closing(world)).toHaveLength(1);
  });

  it('read no bars of before again where another symbol has none for long', async () => {
    const world = await entered();
    world.slice(2, [terms('b', { symbol: 'QQQ', exits: bracket })]);
    await world.run();
    for (const orderId of ['a', 'b']) world.venue.fill(orderId, 10);
    for (let number = 3; number < 20; number += 1) await minute(world, number, 99, 101);
    await world.run();
    expect((await world.state()).guards).toHaveLength(2);
    const { store } = world;
    const read: number[] = [];
    const bars = store.bars.bind(store);
    store.bars = async (query) => {
      const found = await bars(query);
      read.push(...found.map(({ endUs }) => endUs));
      return found;
    };
    await minute(world, 20, 99, 101);
    await world.run();
    // What was looked at last is stored with what comes next.
    expect(read).toEqual([at(19), at(20)]);
  });

  it('never fire again on a position that is gone', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 10);
    await world.run();
    for (const number of [2, 3, 4]) await minute(world, number, 94, 96);
    await world.run();
    await minute(world, 5, 90, 94);
    await world.run();
    expect(await closing(world)).toHaveLength(1);
  });

  it('cover what a partly filled entry has opened, and end its rest', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 4);
    await minute(world, 2, 94, 100);
    await world.run();
    expect(world.venue.cancels).toEqual(['a']);
    expect((await closing(world)).map((order) => order.quantity)).toEqual([4]);
    expect(await held(world)).toBe(0);
  });

  it('close only what is left where their bot has closed a part itself', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 10);
    const part = { side: 'sell', quantity: quantity(4), reducing: true } as const;
    await minute(world, 2, 96, 100, [terms('b', part)]);
    await world.run();
    expect(await held(world)).toBe(6);
    await minute(world, 3, 94, 96);
    await world.run();
    expect((await closing(world)).map((order) => order.quantity).sort()).toEqual([4, 6]);
    expect(await held(world)).toBe(0);
  });

  it('of an entry that never fills protect nothing', async () => {
    const world = await entered();
    await world.command('CancelOrder', { orderId: 'a' });
    await minute(world, 2, 90, 120);
    await world.run();
    expect(await closing(world)).toEqual([]);
  });

  it('give way to those of a later entry, which stand for all that is held', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 10);
    const later = {
      exits: { stopPriceNanos: dollars(90) },
      decidedAtUs: at(2),
      expiresAtUs: at(3),
    };
    await minute(world, 2, 100, 101, [terms('b', later)]);
    await world.run();
    world.venue.nowUs = at(2) + 1;
    world.venue.fill('b', 5);
    await minute(world, 3, 94, 100);
    await world.run();
    expect(await closing(world)).toEqual([]);
    await minute(world, 4, 90, 94);
    await world.run();
    expect((await closing(world)).map((order) => order.quantity)).toEqual([15]);
    expect(await held(world)).toBe(0);
  });
});

describe('a flat signal beside an exit', () => {
  const flat = (number: number): OrderTerms =>
    terms(`flat-${number}`, {
      ...{ side: 'sell', reducing: true, quantity: quantity(10) },
      ...{ decidedAtUs: at(number), expiresAtUs: at(number + 1) },
    });

  it('that comes with the bar which reaches the exit closes once', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 10);
    await minute(world, 2, 94, 100, [flat(2)]);
    await world.run();
    expect(await held(world)).toBe(0);
  });

  it('that works unfilled is cancelled first, and what it filled is not closed again', async () => {
    const world = await entered();
    world.venue.fill('a', 10);
    await minute(world, 2, 96, 100, [flat(2)]);
    await world.run();
    world.venue.fill('flat-2', 3);
    fillsClosing(world);
    await minute(world, 3, 94, 96);
    await world.run();
    expect(world.venue.cancels).toEqual(['flat-2']);
    expect((await closing(world)).map((order) => order.filledQuantity).sort()).toEqual([3, 7]);
    expect(await held(world)).toBe(0);
  });

  it('that comes while the exit’s order is out is refused', async () => {
    const world = await entered();
    world.venue.fill('a', 10);
    await minute(world, 2, 94, 100);
    await world.run();
    const [out] = await closing(world);
    await minute(world, 3, 94, 95, [flat(3)]);
    await world.run();
    expect(await world.order('flat-3')).toMatchObject({ state: 'denied' });
    world.venue.fill(out?.orderId ?? '', 10);
    await world.run();
    expect(await held(world)).toBe(0);
  });
});

describe('an owner that dies while an exit is reached', () => {
  it.each(['before', 'after'] as const)('at any port call, %s it, closes once', async (when) => {
    const ready = async (): Promise<World> => {
      const world = await entered();
      fillsClosing(world);
      world.venue.fill('a', 10);
      await minute(world, 2, 94, 100);
      return world;
    };
    const { calls } = await (await ready()).run();
    expect(calls.length).toBeGreaterThan(12);
    for (let call = 1; call <= calls.length; call += 1) {
      const world = await ready();
      const crash: Crash = { call, when };
      await world.run(crash);
      await world.run();
      expect(await held(world), `call ${call}`).toBe(0);
      expect(world.venue.doubled).toBe(0);
      const filled = (await closing(world)).filter((order) => order.filledQuantity > 0);
      expect(filled, `call ${call}`).toHaveLength(1);
    }
  });
});

describe('a hard kill beside an exit', () => {
  it('closes in its place, once', async () => {
    const world = await entered();
    fillsClosing(world);
    world.venue.fill('a', 10);
    await world.run();
    await world.command('Kill', { mode: 'hard', reason: 'a drill' });
    await minute(world, 2, 94, 100);
    await world.run();
    expect(await held(world)).toBe(0);
    expect(await closing(world)).toHaveLength(1);
  });
});
