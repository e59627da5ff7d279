import { cashMicros, quantity } from '@capstan/domain';
import { encodeDrifts, type OpenDrift } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import {
  bracket,
  closing,
  dollars,
  type Exchange,
  entered,
  held,
  legOf,
  minute,
  rests,
  STOP,
  STOP_LATER,
  TARGET,
  TARGET_LATER,
  working,
} from './test-held-world.ts';
import { HOLDING, HoldingVenue } from './test-holding-venue.ts';
import { at, terms, World } from './test-world.ts';

describe('exits that the venue begins with the whole fill', () => {
  it('go with the entry, and are watched here until they begin', async () => {
    const world = await entered();
    expect(world.venue.placed('a')?.terms.exits).toEqual(bracket);
    world.venue.fill('a', 4);
    await world.run();
    expect(await rests(world)).toBe(false);
    world.venue.fill('a', 6);
    await world.run();
    expect(await rests(world)).toBe(true);
    expect((await working(world)).map((order) => order.orderId)).toEqual([TARGET, STOP]);
  });

  it('are watched of an entry that is never filled whole', async () => {
    const world = await entered();
    world.venue.fill('a', 4);
    await minute(world, 2, [94, 100]);
    expect(world.venue.cancels).toEqual(['a']);
    const [close] = (await working(world)).filter((order) => order.side === 'sell');
    expect(close).toMatchObject({ type: 'market', quantity: 4, leg: 0 });
  });

  it('close alone, and end the guard, where a bar reaches them', async () => {
    const world = await held();
    await minute(world, 2, [94, 100]);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.fill(STOP, 10);
    await world.run();
    expect(await rests(world)).toBeUndefined();
    expect(await working(world)).toEqual([]);
    expect(world.venue.cancels).toEqual([]);
  });

  it('are left to the venue where one has filled and the end of the other is not told yet', async () => {
    const world = await held();
    const fill = { kind: 'filled', orderId: STOP, executionId: 'out' } as const;
    const amount = { quantity: quantity(10), priceNanos: dollars(95), feeMicros: cashMicros(0) };
    world.venue.emit({ ...fill, ...amount });
    await world.run();
    expect((await working(world)).map((order) => order.orderId)).toEqual([TARGET]);
    expect(world.venue.cancels).toEqual([]);
    expect(await rests(world)).toBeUndefined();
  });

  it('are stood for by the guard as they begin with what their entry has opened already', async () => {
    const world = await entered();
    world.venue.isLate = true;
    world.venue.fill('a', 10);
    await world.run();
    expect(await rests(world)).toBe(false);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.catchUp();
    await world.run();
    expect(await rests(world)).toBe(true);
    expect(world.venue.refused).toEqual([]);
  });

  it('that the venue does not keep for this very order stay here', async () => {
    const world = new World(new HoldingVenue());
    world.venue.takes = () => false;
    world.slice(1, [terms('a', { exits: bracket })]);
    await world.run();
    world.venue.fill('a', 10);
    await world.run();
    expect(world.venue.placed('a')?.terms.exits).toBeUndefined();
    expect(await rests(world)).toBe(false);
    expect(world.venue.arrivals).toEqual(['a']);
  });
});

describe('exits that end at the venue without filling', () => {
  it.each(['cancelled', 'expired'] as const)(
    'by being %s are watched from then on',
    async (how) => {
      const world = await held();
      await minute(world, 2, [94, 100]);
      world.venue.nowUs = at(2) + 1;
      world.venue.end(STOP, how);
      await world.run();
      expect(await rests(world)).toBe(false);
      expect(await working(world)).toEqual([]);
      await minute(world, 3, [94, 100]);
      const [close] = await working(world);
      expect(close).toMatchObject({ type: 'market', quantity: 10, leg: 0 });
    },
  );

  it('are placed there anew after a minute, as a pair of which one ends the other', async () => {
    const world = await held();
    world.venue.end(STOP);
    await world.run();
    await minute(world, 2);
    expect(await rests(world)).toBe(true);
    expect(await world.order(TARGET_LATER)).toMatchObject({
      ...{ type: 'limit', limitPriceNanos: dollars(110), side: 'sell', quantity: 10 },
      ...{ timeInForce: 'gtc', reducing: true, leg: 2, state: 'accepted' },
    });
    expect(await world.order(STOP_LATER)).toMatchObject({ type: 'stop', state: 'accepted' });
    world.venue.fill(STOP_LATER, 10);
    await world.run();
    expect(await working(world)).toEqual([]);
    expect(await rests(world)).toBeUndefined();
  });

  it('end the rest of their group where the venue leaves it', async () => {
    const world = await held();
    world.venue.emit({ kind: 'cancelled', orderId: STOP, reason: 'by the venue' });
    await world.run();
    expect(world.venue.cancels).toEqual([TARGET]);
  });

  it('are watched while the venue refuses them, tried ever more seldom, and open no breaker', async () => {
    const world = await held();
    world.venue.end(STOP);
    await world.run();
    world.venue.doings.push(...Array.from({ length: 9 }, () => 'reject' as const));
    for (let number = 2; number <= 40; number += 1) await minute(world, number);
    const tried = world.venue.arrivals.slice(1);
    expect(tried).toEqual([1, 2, 3, 4, 5, 6].map((round) => legOf(2, 1_000 * round + 1)));
    expect(await rests(world)).toBe(false);
    expect((await world.state()).breaker?.open ?? false).toBe(false);
  });
});

describe('what is held already', () => {
  it.each([
    ['a stop alone', { stopPriceNanos: dollars(95) }, { leg: 1, type: 'stop' }],
    ['a target alone', { takeProfitPriceNanos: dollars(110) }, { leg: 2, type: 'limit' }],
  ] as const)('is protected by %s', async (_, exits, order) => {
    const world = await entered(exits);
    world.venue.fill('a', 4);
    await world.run();
    await world.command('CancelOrder', { orderId: 'a' });
    await minute(world, 2);
    await minute(world, 3);
    expect(await working(world)).toMatchObject([{ ...order, quantity: 4 }]);
    expect(await rests(world)).toBe(true);
  });

  it('is protected by no trail, which is watched', async () => {
    const world = await held({ stopPriceNanos: dollars(95), trailBps: 200 });
    for (const number of [2, 3]) await minute(world, number);
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await rests(world)).toBe(false);
  });

  it('is protected anew where its bot adds to it', async () => {
    const world = await held();
    const more = { quantity: quantity(5), decidedAtUs: at(2), expiresAtUs: at(3) };
    await minute(world, 2, [100, 101], [terms('b', more)]);
    world.venue.fill('b', 5);
    await world.run();
    expect((await world.order(STOP)).state).toBe('cancelled');
    expect(await world.order(TARGET_LATER)).toMatchObject({ quantity: 15, state: 'accepted' });
    expect(await rests(world)).toBe(true);
  });

  it('is protected at the levels of a later entry that is filled in part', async () => {
    const world = await held();
    const exits = { stopPriceNanos: dollars(98), takeProfitPriceNanos: dollars(120) };
    const later = terms('b', { exits, decidedAtUs: at(2), expiresAtUs: at(3) });
    await minute(world, 2, [100, 101], [later]);
    world.venue.fill('b', 3);
    await world.run();
    expect(await rests(world, 'b')).toBe(false);
    await world.command('CancelOrder', { orderId: 'b' });
    await minute(world, 3);
    const [stop] = (await working(world)).filter((order) => order.type === 'stop');
    expect(stop).toMatchObject({ quantity: 13, stopPriceNanos: dollars(98) });
    expect(await rests(world, 'b')).toBe(true);
  });

  it('is not protected at a venue that takes nothing later', async () => {
    const world = await held();
    world.venue.capabilities = { ...HOLDING, exitsLater: false };
    world.venue.end(STOP);
    await world.run();
    for (const number of [2, 3]) await minute(world, number);
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await rests(world)).toBe(false);
  });

  it.each([
    ['another bot stands against it', { botId: 'other', side: 'sell' }],
    ['its bot works in the symbol', { side: 'buy' }],
  ] as const)('is not protected while %s', async (_, of) => {
    const world = await entered();
    world.venue.fill('a', 4);
    await world.run();
    const second = { ...of, decidedAtUs: at(2), expiresAtUs: at(3) };
    await minute(world, 2, [100, 101], [terms('b', second)]);
    if (second.side === 'sell') world.venue.fill('b', 10);
    await world.command('CancelOrder', { orderId: 'a' });
    for (const number of [3, 4]) await minute(world, number);
    expect(world.venue.arrivals).toEqual(['a', 'b']);
    expect(await rests(world)).toBe(false);
  });

  it('is not protected while ledger and broker differ in it', async () => {
    const world = await held();
    world.venue.end(STOP);
    const tell = (drifts: readonly OpenDrift[]) =>
      world.kv.put('switches', 'drifts/paper', new TextEncoder().encode(encodeDrifts(drifts)));
    await tell([{ symbol: 'SPY', ledger: 10, broker: 5 }]);
    for (const number of [2, 3]) await minute(world, number);
    expect(world.venue.arrivals).toEqual(['a']);
    await tell([]);
    await minute(world, 4);
    expect(await rests(world)).toBe(true);
  });

  it('is not protected for a bot that has filled another’s order', async () => {
    const world = new World(new HoldingVenue());
    world.slice(1, [terms('b', { botId: 'other' })]);
    await world.run();
    world.venue.fill('b', 10);
    await world.run();
    const four = { quantity: quantity(4), decidedAtUs: at(2), expiresAtUs: at(3) };
    const orders = [
      terms('a', { ...four, exits: { stopPriceNanos: dollars(95) } }),
      terms('c', { ...four, botId: 'other', side: 'sell', reducing: true }),
    ];
    const cross = { buyOrderId: 'a', sellOrderId: 'c', priceNanos: dollars(100) };
    world.slice(2, orders, { crosses: [cross] });
    await world.run();
    for (const number of [3, 4]) await minute(world, number);
    expect(world.venue.arrivals).toEqual(['b']);
    expect(await rests(world)).toBe(false);
  });

  it('is not protected twice by an owner that dies at any port call', async () => {
    for (const when of ['before', 'after'] as const) {
      const ready = async (): Promise<Exchange> => {
        const world = await held();
        world.venue.end(STOP);
        await world.run();
        world.venue.nowUs = at(2);
        world.slice(2, []);
        return world;
      };
      const { calls } = await (await ready()).run();
      expect(calls.length).toBeGreaterThan(8);
      for (let call = 1; call <= calls.length; call += 1) {
        const world = await ready();
        await world.run({ call, when });
        await world.run();
        const ids = (await working(world)).map((order) => order.orderId).sort();
        expect(ids, `call ${call}`).toEqual([STOP_LATER, TARGET_LATER].sort());
        expect(world.venue.doubled).toBe(0);
        expect(await rests(world), `call ${call}`).toBe(true);
      }
    }
  });
});

describe('an order that closes what exits hold', () => {
  it('goes out once they have ended, and the slice waits for it', async () => {
    const world = await held();
    const order = closing(2);
    await minute(world, 2, [100, 101], [order]);
    expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
    expect(world.venue.refused).toEqual([]);
    expect(await world.order(order.orderId)).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1, 2]);
    world.venue.fill(order.orderId, 10);
    await world.run();
    expect(await rests(world)).toBeUndefined();
    expect(world.venue.heldIn('SPY')).toBe(0);
  });

  it('ends an entry first whose exits would begin beside it', async () => {
    const world = await entered();
    world.venue.fill('a', 7);
    await world.run();
    await minute(world, 2, [100, 101], [closing(2, { quantity: quantity(7) })]);
    expect(world.venue.cancels).toEqual(['a']);
    expect(await working(world)).toMatchObject([{ orderId: 'close-2', state: 'accepted' }]);
  });

  it('waits for exits that have begun and are not told yet', async () => {
    const world = await entered();
    world.venue.isLate = true;
    world.venue.nowUs = at(2) - 1;
    world.venue.fill('a', 10);
    await world.run();
    await minute(world, 2, [100, 101], [closing(2)]);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.catchUp();
    await world.run();
    expect(world.venue.refused).toEqual([]);
    expect(await working(world)).toMatchObject([{ orderId: 'close-2', state: 'accepted' }]);
  });

  it('asks again for the end of exits that the venue did not take the cancel of', async () => {
    const world = await held();
    const { venue } = world;
    const cancel = venue.cancel.bind(venue);
    let refusals = 2;
    venue.cancel = async (accountId, id) => {
      refusals -= 1;
      return refusals < 0 ? cancel(accountId, id) : { kind: 'rejected', reason: 'not now' };
    };
    await minute(world, 2, [100, 101], [closing(2)]);
    expect(await world.order('close-2')).toMatchObject({ state: 'accepted' });
  });

  it('is waited for by its slice where the venue gives no answer to it', async () => {
    const world = await held();
    world.venue.doings.push('lost');
    await minute(world, 2, [100, 101], [closing(2)]);
    const { orders } = await world.told();
    const told = orders.flatMap((event) => [
      ...event.orders.filter(({ orderId: id }) => id === 'close-2').map(({ state }) => state),
      ...(event.sliceDone === undefined ? [] : ['done']),
    ]);
    expect(told).toEqual(['done', 'unknown', 'accepted', 'done']);
  });

  it('of a part leaves the rest protected', async () => {
    const world = await held();
    await minute(world, 2, [100, 101], [closing(2, { quantity: quantity(4) })]);
    expect(await rests(world)).toBe(false);
    world.venue.fill('close-2', 4);
    await world.run();
    expect(await world.order(TARGET_LATER)).toMatchObject({ quantity: 6, state: 'accepted' });
    expect(await rests(world)).toBe(true);
  });

  it('is denied where an exit has closed something by then', async () => {
    const world = await held();
    let isFilled = false;
    world.onCall = (name) => {
      if (name !== 'venue.cancel' || isFilled) return;
      isFilled = true;
      world.venue.fill(TARGET, 3);
    };
    await minute(world, 2, [100, 101], [closing(2)]);
    expect(await world.order('close-2')).toMatchObject({
      state: 'denied',
      reason: expect.stringMatching(/^closing: of 10 held when it was decided 3 were closed/),
    });
    await world.run();
    expect(await world.order(TARGET_LATER)).toMatchObject({ quantity: 7, state: 'accepted' });
    expect(world.venue.leastHeld).toBe(0);
  });

  it('is denied where an exit had closed all of it before it came', async () => {
    const world = await held();
    world.venue.fill(STOP, 10);
    await world.run();
    await minute(world, 2, [100, 101], [closing(2)]);
    expect((await world.order('close-2')).reason).toBe(
      'closing: it closes 10 beside 0 that are being closed, and only 0 are held by now',
    );
    expect(world.venue.heldIn('SPY')).toBe(0);
  });

  it('is denied as its decision expires before they have ended, and what is held is protected anew', async () => {
    const world = await held();
    world.settings = { ...world.settings, eventTime: false };
    world.venue.silent = true;
    world.slice(2, [closing(2)]);
    await world.run();
    expect((await world.order('close-2')).reason).toMatch(/^decision-age/);
    expect(await world.done()).toEqual([1, 2]);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.silent = false;
    await world.run();
    expect(await world.order(TARGET_LATER)).toMatchObject({ quantity: 10, state: 'accepted' });
    expect(await rests(world)).toBe(true);
  });

  it('is denied by a kill that comes while it waits, and what is held is flattened once', async () => {
    const world = await held();
    world.venue.silent = true;
    await minute(world, 2, [100, 101], [closing(2)]);
    expect(await world.done()).toEqual([1]);
    await world.setSwitch('hard');
    world.venue.silent = false;
    world.venue.onSubmit = (order) =>
      queueMicrotask(() => world.venue.fill(order.orderId, order.quantity));
    await world.run();
    expect((await world.order('close-2')).reason).toMatch(/^kill-switch/);
    expect(world.venue.heldIn('SPY')).toBe(0);
    expect(world.venue.leastHeld).toBe(0);
  });

  it('that the venue refuses leaves what is held watched, then protected', async () => {
    const world = await held();
    world.venue.doings.push('reject');
    await minute(world, 2, [100, 101], [closing(2)]);
    expect((await world.order('close-2')).state).toBe('rejected');
    expect(await rests(world)).toBe(false);
    await minute(world, 3);
    expect(await rests(world)).toBe(true);
  });

  it.each(['before', 'after'] as const)(
    'goes out once though its owner dies, whichever port call it died %s',
    async (when) => {
      const ready = async (): Promise<Exchange> => {
        const world = await held();
        world.venue.nowUs = at(2);
        world.slice(2, [closing(2)]);
        return world;
      };
      const { calls } = await (await ready()).run();
      expect(calls.length).toBeGreaterThan(12);
      for (let call = 1; call <= calls.length; call += 1) {
        const world = await ready();
        await world.run({ call, when });
        await world.run();
        expect((await world.order('close-2')).state, `call ${call}`).toBe('accepted');
        expect(await working(world), `call ${call}`).toHaveLength(1);
        expect(world.venue.doubled).toBe(0);
        expect(await world.done()).toEqual([1, 2]);
      }
    },
  );
});
