import { priceNanos, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { CAREFUL, MUTE, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const dollars = (price: number) => priceNanos(price * 1_000_000_000);
const limit = (orderId: string, of = {}) =>
  terms(orderId, { type: 'limit', limitPriceNanos: dollars(100), ...of });

async function working(...orders: readonly ReturnType<typeof terms>[]): Promise<World> {
  const world = new World();
  world.venue.nowUs = at(1);
  world.slice(1, orders);
  await world.run();
  return world;
}

describe('a replace', () => {
  const ask = (world: World, of: object) => world.command('ReplaceOrder', { orderId: 'a', ...of });

  it('changes quantity and price at the venue, and says so', async () => {
    const world = await working(limit('a'));
    const answer = await ask(world, { quantity: 8, limitPriceNanos: dollars(99) });
    expect(answer).toMatchObject({ state: 'done', result: 'the venue was asked to replace it.' });
    expect(world.venue.replaces).toEqual([
      { orderId: 'a', count: 1, quantity: 8, limitPriceNanos: dollars(99) },
    ]);
    expect(await world.order('a')).toMatchObject({
      ...{ state: 'accepted', quantity: 8, limitPriceNanos: dollars(99) },
      replaces: { count: 1, approved: { quantity: 10, limitPriceNanos: dollars(100) } },
    });
    const { orders } = await world.told();
    const states = orders.flatMap((event) => event.orders).map((order) => order.state);
    expect(states).toEqual(['accepted', 'replacing', 'accepted']);
  });

  it('that the venue refuses, as it filled meanwhile, leaves the fill by the old price', async () => {
    const world = await working(limit('a'));
    world.onCall = (name) => {
      if (name === 'venue.replace') world.venue.fill('a', 10);
    };
    const answer = await ask(world, { limitPriceNanos: dollars(99) });
    expect(answer).toMatchObject({
      state: 'refused',
      result: expect.stringMatching(/nothing to replace/),
    });
    expect(await world.order('a')).toMatchObject({
      ...{ state: 'filled', filledQuantity: 10, limitPriceNanos: dollars(100) },
    });
  });

  it.each([
    ['more than risk approved', { quantity: 11 }, /risk approved 10/],
    ['off the tick', { limitPriceNanos: dollars(100) + 1 }, /not on the tick 0.01/],
    ['what nothing would change', { quantity: 10 }, /its terms already/],
    ['a price that the order has not', { stopPriceNanos: dollars(99) }, /no stop price/],
    ['dearer than is kept for moves', { limitPriceNanos: dollars(101) }, /at most 100.5/],
  ])('to %s is refused before the venue hears of it', async (_name, of, why) => {
    const world = await working(limit('a'));
    const answer = await ask(world, of);
    expect(answer.state).toBe('refused');
    expect(answer.result).toMatch(why);
    expect(world.venue.replaces).toEqual([]);
    expect(await world.order('a')).toMatchObject({ state: 'accepted', version: 3 });
  });

  it('of what is filled in part keeps to what is left; of what reduces any price goes', async () => {
    const world = await working(limit('a', { reducing: true, side: 'sell' }));
    world.venue.fill('a', 4);
    await world.run();
    expect((await ask(world, { quantity: 4 })).result).toMatch(/4 of it are filled/);
    await world.setSwitch('soft');
    expect((await ask(world, { limitPriceNanos: dollars(200) })).state).toBe('done');
    expect(await world.order('a')).toMatchObject({ state: 'partiallyFilled', filledQuantity: 4 });
  });

  it('of what adds is refused under a kill, and where the venue cannot', async () => {
    const world = await working(limit('a'));
    await world.setSwitch('soft');
    expect((await ask(world, { quantity: 5 })).result).toMatch(/nothing that adds is sent/);
    world.venue.capabilities = { ...CAREFUL, replaces: false };
    expect((await ask(world, { quantity: 6 })).result).toMatch(/changes no working orders/);
    expect(world.venue.replaces).toEqual([]);
  });

  it('that the venue has not answered does not keep a hard kill from cancelling', async () => {
    const world = await working(limit('a'));
    world.venue.replace = async () => ({ kind: 'requested' });
    await ask(world, { quantity: 5 });
    expect(await world.order('a')).toMatchObject({ state: 'replacing' });
    await world.setSwitch('hard');
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
  });

  it('without a clear answer is asked again until there is one', async () => {
    const world = await working(limit('a'));
    let refusals = 3;
    world.onCall = (name) => {
      if (name !== 'venue.replace') return;
      refusals -= 1;
      world.venue.down = refusals >= 0;
      queueMicrotask(() => {
        world.venue.down = false;
      });
    };
    expect((await ask(world, { quantity: 5 })).result).toMatch(/asked again/);
    expect(world.venue.replaces).toHaveLength(1);
    expect(await world.order('a')).toMatchObject({ state: 'accepted', quantity: 5 });
  });

  it.each(['before', 'after'] as const)(
    'is done once, whichever port call its owner died %s',
    async (when) => {
      for (let call = 1; call <= 14; call += 1) {
        const world = await working(limit('a'));
        const [commandId, payload] = ['c', JSON.stringify({ orderId: 'a', quantity: 5 })];
        const command = { commandId, key: 'execution/paper', kind: 'ReplaceOrder', payload };
        const of = { actor: 'ann', createdAtUs: at(1), state: 'pending' } as const;
        await world.store.addCommand({ ...command, ...of });
        await world.run({ call, when });
        await world.run();
        expect(await world.store.command('c'), `call ${call}`).toMatchObject({ state: 'done' });
        expect(await world.order('a')).toMatchObject({ state: 'accepted', quantity: 5 });
        expect(world.venue.events.filter((event) => event.kind === 'replaced')).toHaveLength(1);
      }
    },
  );
});

describe('a cancel of many', () => {
  const orders = [
    limit('a'),
    limit('b', { symbol: 'QQQ' }),
    limit('c', { botId: 'other' }),
  ] as const;

  it.each([
    [{}, ['a', 'b', 'c']],
    [{ symbol: 'QQQ' }, ['b']],
    [{ botId: 'trend' }, ['a', 'b']],
    [{ botId: 'other', symbol: 'QQQ' }, []],
  ])('takes those that are meant: %j', async (scope, meant) => {
    const world = await working(...orders);
    const answer = await world.command('CancelOrders', scope);
    expect(answer.state).toBe('done');
    expect([...world.venue.cancels].sort()).toEqual(meant);
    for (const orderId of meant) {
      expect(await world.order(orderId)).toMatchObject({ state: 'cancelled' });
    }
    const [audit] = await world.store.audit(1);
    expect(audit).toMatchObject({ action: 'CancelOrders', actor: 'operator', subject: 'paper' });
  });

  it('reaches an order whose answer is missing as soon as it is known', async () => {
    const world = new World();
    world.venue.doings.push('unanswered');
    world.venue.silent = true;
    world.venue.find = () => Promise.reject(new Error('must not be asked yet'));
    world.venue.capabilities = MUTE;
    world.slice(1, [limit('a')]);
    await world.run();
    expect((await world.command('CancelOrders', {})).result).toMatch(/1 are asked for as soon/);
    world.venue.silent = false;
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
  });
});

describe('flattening', () => {
  /** Holds ten SPY of each of two bots, and an order of `trend` that works. */
  async function holding(): Promise<World> {
    const world = await working(terms('a'), terms('b', { botId: 'other' }), limit('c'));
    world.venue.fill('a', 10);
    world.venue.fill('b', 10);
    await world.run();
    return world;
  }
  const held = async (world: World, botId: string) => {
    const fills = await world.store.fillsAfter('paper', 0, 100);
    const ours = fills.filter((fill) => fill.botId === botId);
    return ours.reduce((sum, one) => sum + (one.side === 'buy' ? one.quantity : -one.quantity), 0);
  };
  /** Fills every order of the flattening as soon as it arrives. */
  const fillAll = (world: World) => {
    world.venue.onSubmit = ({ orderId, reducing }) => {
      if (reducing) queueMicrotask(() => world.venue.fill(orderId, 10));
    };
  };

  it("a bot cancels its orders and closes what it holds, and nobody else's", async () => {
    const world = await holding();
    fillAll(world);
    const answer = await world.command('Flatten', { botId: 'trend' });
    expect(answer).toMatchObject({ state: 'done' });
    expect(answer.result).toMatch(/cancels 1 order, then closes 1 position/);
    expect(world.venue.cancels).toEqual(['c']);
    expect([await held(world, 'trend'), await held(world, 'other')]).toEqual([0, 10]);
    const closing = (await world.store.intents({ limit: 9 })).filter((one) => one.reducing);
    expect(closing).toMatchObject([{ causeKind: 'command', type: 'market', quantity: 10 }]);
    const actions = (await world.store.audit(9)).map((one) => one.action);
    expect(actions.sort()).toEqual(['Flat', 'Flatten']);
  });

  it('an account closes everything, also under a soft kill', async () => {
    const world = await holding();
    await world.setSwitch('soft');
    fillAll(world);
    await world.command('Flatten', {});
    expect([await held(world, 'trend'), await held(world, 'other')]).toEqual([0, 0]);
  });

  it('goes on in rounds until nothing is held', async () => {
    const world = await holding();
    const doings = ['reject', 'accept'] as const;
    world.venue.doings.push(...doings);
    world.venue.onSubmit = ({ orderId, reducing }) => {
      if (reducing && world.venue.arrivals.length > 3) {
        queueMicrotask(() => world.venue.fill(orderId, 10));
      }
    };
    await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
    await world.run();
    expect(await held(world, 'trend')).toBe(0);
  });

  it('never sells more than is held, whatever its order fills while it is cancelled', async () => {
    const world = await holding();
    world.onCall = (name) => {
      if (name === 'venue.cancel') world.venue.fill('c', 3);
    };
    fillAll(world);
    world.venue.onSubmit = ({ orderId, quantity: amount, reducing }) => {
      if (reducing) queueMicrotask(() => world.venue.fill(orderId, amount));
    };
    await world.command('Flatten', { botId: 'trend' });
    expect(await held(world, 'trend')).toBe(0);
    const [intent] = await world.store.intents({ limit: 1 });
    expect(intent?.quantity).toBe(13);
  });

  it('where there is nothing says so', async () => {
    const world = await working();
    expect((await world.command('Flatten', {})).result).toBe(
      'nothing works and nothing is held there.',
    );
  });

  it.each(['before', 'after'] as const)(
    'ends flat and sells once, whichever port call its owner died %s',
    async (when) => {
      for (let call = 1; call <= 24; call += 1) {
        const world = await holding();
        fillAll(world);
        const command = { commandId: 'c', key: 'execution/paper', kind: 'Flatten', payload: '{}' };
        const of = { actor: 'ann', createdAtUs: at(1), state: 'pending' } as const;
        await world.store.addCommand({ ...command, ...of });
        await world.run({ call, when });
        await world.run();
        expect([await held(world, 'trend'), await held(world, 'other')]).toEqual([0, 0]);
        expect(world.venue.doubled).toBe(0);
      }
    },
  );
});

describe("a person's word on an unknown order", () => {
  async function unknown(): Promise<World> {
    const world = new World();
    world.venue.capabilities = MUTE;
    world.venue.doings.push('unanswered');
    world.venue.silent = true;
    world.venue.nowUs = at(1);
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'unknown' });
    return world;
  }
  const resolve = (world: World, of: object) =>
    world.command('ResolveOrder', { orderId: 'a', ...of });

  it('that it was never there frees its symbol, and is audited', async () => {
    const world = await unknown();
    expect(await resolve(world, { as: 'absent' })).toMatchObject({ state: 'done' });
    expect(await world.order('a')).toMatchObject({
      ...{ state: 'rejected', reason: 'closed as absent by operator' },
    });
    world.slice(2, [terms('b', { expiresAtUs: at(3) })]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a', 'b']);
    const [audit] = await world.store.audit(1);
    expect(audit).toMatchObject({ action: 'ResolveOrder', subject: 'a', actor: 'operator' });
  });

  it('that it filled is a fill, until the venue tells its own', async () => {
    const world = await unknown();
    await resolve(world, { as: 'filled', priceNanos: dollars(101) });
    expect(await world.order('a')).toMatchObject({ state: 'filled', filledQuantity: 10 });
    world.venue.silent = false;
    world.venue.fill('a', 10);
    await world.run();
    const fills = await world.store.fillsAfter('paper', 0, 9);
    expect(fills.map((fill) => [fill.kind, fill.priceNanos])).toEqual([
      ['fill', dollars(101)],
      ['bust', dollars(101)],
      ['fill', PRICE],
    ]);
    expect(await world.order('a')).toMatchObject({
      ...{ state: 'filled', filledQuantity: 10, filledNotionalMicros: 1_000_000_000 },
    });
  });

  it('that it filled in part ends the rest', async () => {
    const world = await unknown();
    await resolve(world, { as: 'filled', priceNanos: dollars(101), quantity: quantity(4) });
    expect(await world.order('a')).toMatchObject({ state: 'cancelled', filledQuantity: 4 });
  });

  it('needs a price, and an order that is unknown', async () => {
    const world = await unknown();
    expect((await resolve(world, { as: 'filled' })).result).toMatch(/at what price/);
    expect((await resolve(world, { as: 'filled', priceNanos: 1, quantity: 11 })).result).toMatch(
      /how much of its quantity/,
    );
    const other = await working(terms('a'));
    expect((await resolve(other, { as: 'absent' })).result).toMatch(/only an unknown order/);
    expect((await other.command('ResolveOrder', { orderId: 'z' })).result).toMatch(/no order/);
  });

  it('is not asked for where the venue answers: its own word counts', async () => {
    const world = new World();
    world.venue.down = true;
    world.slice(1, [terms('a')]);
    await world.run();
    expect((await resolve(world, { as: 'absent' })).result).toMatch(/does not answer now/);
    expect(await world.order('a')).toMatchObject({ state: 'unknown' });
  });
});
