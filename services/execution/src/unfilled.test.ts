import {
  newOrder,
  type Order,
  type PriceNanos,
  priceNanos,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideUnfilled, isDue, type UnfilledRule } from './decide-unfilled.ts';
import { CAREFUL } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const dollars = (price: number): PriceNanos => priceNanos(Math.round(price * 1_000_000_000));
const limit = (orderId: string, of = {}) =>
  terms(orderId, { type: 'limit', limitPriceNanos: dollars(100), timeInForce: 'gtc', ...of });
const RULE: UnfilledRule = {
  afterUs: 120_000_000,
  action: 'cancel',
  collarBps: 40,
  repricesMax: 2,
};

describe('what becomes of a limit order that does not fill', () => {
  const working = (of: Partial<Order> = {}): Order => ({
    ...newOrder(limit('a'), at(1)),
    state: 'accepted',
    ...of,
  });
  const view = (mark?: number) => ({
    nowUs: at(3),
    instrument: usEquity('SPY'),
    markNanos: mark === undefined ? undefined : dollars(mark),
    bufferBps: 50,
  });

  it('is asked only of limit orders that rest, once their time is over', () => {
    expect(isDue(working(), RULE, at(3))).toBe(true);
    expect(isDue(working(), RULE, timeUs(at(3) - 1))).toBe(false);
    const replaces = { count: 1, approved: { quantity: quantity(10) } };
    expect(isDue(working({ replaces }), RULE, at(3))).toBe(false);
    expect(isDue(working({ replaces }), RULE, at(5))).toBe(true);
    expect(isDue(working({ replaces, attempt: 2 }), RULE, at(3))).toBe(true);
    for (const of of [
      { type: 'market' },
      { state: 'cancelling' },
      { timeInForce: 'ioc' },
      { leg: 1 },
      { exits: { stopPriceNanos: dollars(90) } },
    ] as const) {
      expect(isDue(working(of), RULE, at(9))).toBe(false);
    }
  });

  it.each([
    ['cancel', undefined, { kind: 'cancel', reason: 'unfilled for 120 s' }],
    ['reprice', undefined, { kind: 'wait' }],
    ['reprice', 100.25, { kind: 'reprice', limit: 100.25 }],
    ['reprice', 105, { kind: 'reprice', limit: 100.4 }],
    ['reprice', 99, { kind: 'wait' }],
    ['market', 100.25, { kind: 'market' }],
    ['market', 105, { kind: 'cancel' }],
    ['market', undefined, { kind: 'wait' }],
  ] as const)('%s with the market at %s', (action, mark, expected) => {
    const decided = decideUnfilled(working(), { ...RULE, action }, view(mark));
    const { kind, ...more } = expected;
    expect(decided.kind).toBe(kind);
    if ('limit' in more && decided.kind === 'reprice') {
      expect(decided.revision).toEqual({ quantity: 10, limitPriceNanos: dollars(more.limit) });
    }
    if ('reason' in more) expect(decided).toMatchObject({ reason: more.reason });
  });

  it('ends with a cancel after so many new prices', () => {
    const replaces = { count: 2, approved: { quantity: quantity(10) } };
    const action = decideUnfilled(working({ replaces }), { ...RULE, action: 'reprice' }, view(101));
    expect(action).toEqual({ kind: 'cancel', reason: 'unfilled after 2 new prices' });
  });

  it('never asks for a price beyond the collar, off the tick, or worse to fill than the one there is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.boolean(),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 9_000, max: 11_000 }),
        (side, reducing, collarBps, cents) => {
          const order = working({ side, reducing });
          const rule = { ...RULE, action: 'reprice', collarBps } as const;
          const action = decideUnfilled(order, rule, view(cents / 100));
          if (action.kind !== 'reprice') return;
          const price = action.revision.limitPriceNanos ?? 0;
          expect(price % 10_000_000).toBe(0);
          const moved = side === 'buy' ? price - dollars(100) : dollars(100) - price;
          expect(moved).toBeGreaterThan(0);
          expect(moved).toBeLessThanOrEqual((dollars(100) * collarBps) / 10_000);
          if (side === 'buy' && !reducing) {
            expect(moved).toBeLessThanOrEqual((dollars(100) * 50) / 10_000);
          }
        },
      ),
    );
  });
});

describe('an account with a rule for unfilled orders', () => {
  async function resting(rule: Partial<UnfilledRule>, replaces = true): Promise<World> {
    const world = new World();
    world.settings = { ...world.settings, unfilledOf: () => ({ ...RULE, ...rule }) };
    world.venue.capabilities = { ...CAREFUL, replaces };
    world.venue.nowUs = at(1);
    world.slice(1, [limit('a')]);
    await world.run();
    return world;
  }

  /** Closes a minute at a price, and with it the slice. */
  async function minute(world: World, number: number, price: number): Promise<void> {
    const fence = { key: 'feed/demo', epochUs: at(0), token: number };
    await world.store.takeOwnership(fence);
    const close = dollars(price);
    await world.store.commit({
      fence,
      bars: [
        {
          ...{ symbol: 'SPY', timeframe: '1m', startUs: at(number - 1), endUs: at(number) },
          ...{ openNanos: close, highNanos: close, lowNanos: close, closeNanos: close },
          ...{ revision: 0, volume: 1, runId: 'live', feed: 'demo', venue: 'SIM' },
        },
      ],
    });
    world.venue.nowUs = at(number);
    world.slice(number, []);
  }

  it('cancels what has waited long enough, not before', async () => {
    const world = await resting({});
    world.slice(2, []);
    await world.run();
    expect(world.venue.cancels).toEqual([]);
    world.slice(3, []);
    await world.run();
    expect(world.venue.cancels).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
    expect(await world.done()).toEqual([1, 2, 3]);
  });

  it('asks for the price of the last close, and again, and then gives it up', async () => {
    const world = await resting({ action: 'reprice' });
    for (const [number, price] of [100.1, 100.2, 100.3, 100.35, 100.4, 100.4].entries()) {
      await minute(world, number + 2, price);
    }
    await world.run();
    expect(world.venue.replaces.map((one) => one.limitPriceNanos)).toEqual([
      dollars(100.2),
      dollars(100.35),
    ]);
    expect(await world.order('a')).toMatchObject({
      ...{ state: 'cancelled', limitPriceNanos: dollars(100.35), attempt: 1 },
    });
    expect(await world.done()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('makes a next attempt where the venue replaces nothing, once the one before has ended', async () => {
    const world = await resting({ action: 'reprice' }, false);
    world.venue.fill('a', 4);
    await minute(world, 2, 100.1);
    await minute(world, 3, 100.2);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'cancelled', filledQuantity: 4 });
    const [next] = await world.store.orders({ states: ['accepted'], limit: 9 });
    expect(next).toMatchObject({
      ...{ intentId: 'intent-a', attempt: 2, quantity: 6, limitPriceNanos: dollars(100.2) },
      replaces: { count: 1, approved: { quantity: 10, limitPriceNanos: dollars(100) } },
    });
    const { orders } = await world.told();
    const together = orders.find((event) =>
      event.orders.some((order) => order.orderId === next?.orderId),
    );
    expect(together?.orders.map((order) => order.state)).toEqual(['cancelled', 'submitting']);
    expect(await world.done()).toEqual([1, 2, 3]);
  });

  it('takes to the market what is left', async () => {
    const world = await resting({ action: 'market' });
    await minute(world, 3, 100.2);
    await world.run();
    const [next] = await world.store.orders({ states: ['accepted'], limit: 9 });
    expect(next).toMatchObject({ type: 'market', quantity: 10, attempt: 2, decidedAtUs: at(3) });
    expect(await world.done()).toEqual([1, 3]);
  });

  it('makes no next attempt of what fills while its cancel is asked for', async () => {
    const world = await resting({ action: 'market' });
    world.onCall = (name) => {
      if (name === 'venue.cancel') world.venue.fill('a', 10);
    };
    await minute(world, 3, 100.2);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'filled' });
    expect(await world.done()).toEqual([1, 3]);
  });

  it('gives up its plan where the venue will not cancel', async () => {
    const world = await resting({ action: 'market' });
    world.venue.cancel = async (_account, orderId) => {
      world.venue.emit({ kind: 'cancelRejected', orderId, reason: 'not now' });
      return { kind: 'rejected', reason: 'not now' };
    };
    await minute(world, 3, 100.2);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'accepted' });
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await world.done()).toEqual([1, 3]);
    world.venue.emit({ kind: 'cancelled', orderId: 'a', reason: 'by a person' });
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
  });

  it('leaves what adds alone under a kill', async () => {
    const world = await resting({ action: 'market' });
    await world.setSwitch('soft');
    await minute(world, 3, 100.2);
    await world.run();
    expect(world.venue.cancels).toEqual([]);
    expect(await world.order('a')).toMatchObject({ state: 'accepted' });
  });

  it.each([
    ['before', true],
    ['after', true],
    ['before', false],
    ['after', false],
  ] as const)(
    'asks once, whichever port call its owner died %s; the venue replaces: %s',
    async (when, replaces) => {
      const start = async () => {
        const world = await resting({ action: 'reprice' }, replaces);
        await minute(world, 3, 100.2);
        return world;
      };
      const { calls } = await (await start()).run();
      for (let call = 1; call <= calls.length; call += 1) {
        const world = await start();
        await world.run({ call, when });
        await world.run();
        const open = await world.store.orders({ states: ['accepted'], limit: 9 });
        expect(open, `call ${call}`).toMatchObject([{ limitPriceNanos: dollars(100.2) }]);
        expect(world.venue.doubled).toBe(0);
        expect(await world.done(), `call ${call}`).toEqual([1, 3]);
      }
    },
  );
});
