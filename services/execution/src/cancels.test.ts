import { describe, expect, it } from 'vitest';
import { MUTE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const later = (orderId: string) => terms(orderId, { expiresAtUs: at(3), side: 'sell' });

/** A world whose order `a`, of ten, works; the next slice wants it gone and sends `b`. */
async function replaced(): Promise<World> {
  const world = new World();
  world.slice(1, [terms('a')]);
  await world.run();
  world.slice(2, [later('b')], { cancelOrderIds: ['a'] });
  return world;
}

/** What the venue was asked, in order. */
function asked(world: World): string[] {
  const calls: string[] = [];
  const { submit, cancel } = world.venue;
  world.venue.submit = (order) => {
    calls.push(`submit ${order.orderId}`);
    return submit.call(world.venue, order);
  };
  world.venue.cancel = (accountId, orderId) => {
    calls.push(`cancel ${orderId}`);
    return cancel.call(world.venue, accountId, orderId);
  };
  return calls;
}

describe('an order that risk wants gone', () => {
  it('is cancelled before the orders of its slice are sent', async () => {
    const world = await replaced();
    const calls = asked(world);
    await world.run();
    expect(calls).toEqual(['cancel a', 'submit b']);
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
    expect(await world.order('b')).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1, 2]);
    const { orders } = await world.told();
    const ofA = orders.flatMap((event) => event.orders).filter((order) => order.orderId === 'a');
    expect(ofA.map((order) => order.state)).toEqual(['accepted', 'cancelling', 'cancelled']);
    expect(ofA[1]?.reason).toBe('risk wants it gone');
  });

  it('is cancelled also where the slice has no orders; the slice is done after it', async () => {
    const world = new World();
    world.slice(1, [terms('a')]);
    await world.run();
    world.slice(2, [], { cancelOrderIds: ['a'] });
    await world.run();
    expect(world.venue.cancels).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
    expect(await world.done()).toEqual([1, 2]);
  });

  it.each([
    ['not sent once its decision has expired', 121, { state: 'denied' }, ['a']],
    ['sent while its decision is fresh', 119, { state: 'accepted' }, ['a', 'b']],
  ])('may take long to cancel: the order after it is %s', async (_, seconds, state, sent) => {
    const world = new World();
    world.settings = { ...world.settings, eventTime: false };
    world.slice(1, [terms('a')]);
    await world.run();
    world.slice(2, [terms('b', { expiresAtUs: at(2), side: 'sell' })], { cancelOrderIds: ['a'] });
    const cancel = world.venue.cancel.bind(world.venue);
    world.venue.cancel = async (accountId, orderId) => {
      await world.clock.advance(seconds * 1_000);
      return await cancel(accountId, orderId);
    };
    await world.run();
    expect(await world.order('b')).toMatchObject(state);
    expect(world.venue.arrivals).toEqual(sent);
  });

  it('that filled meanwhile stays filled, and the slice goes on', async () => {
    const world = await replaced();
    world.venue.fill('a', 10);
    const calls = asked(world);
    world.venue.silent = true;
    await world.run();
    expect(calls).toEqual(['cancel a', 'submit b']);
    expect(await world.order('a')).toMatchObject({ state: 'accepted' });
    world.venue.silent = false;
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'filled', filledQuantity: 10 });
    expect(await world.order('b')).toMatchObject({ state: 'accepted' });
  });

  it('that the venue refuses to cancel, as it has filled, stays what it is', async () => {
    const world = await replaced();
    world.onCall = (name) => {
      if (name === 'venue.cancel') world.venue.fill('a', 10);
    };
    await world.run();
    expect(world.venue.cancels).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'filled', filledQuantity: 10 });
    expect(await world.order('b')).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1, 2]);
  });

  it('that is not there, or has ended, is passed over', async () => {
    const world = new World();
    world.slice(1, [terms('a')]);
    await world.run();
    world.venue.fill('a', 10);
    await world.run();
    world.slice(2, [later('b')], { cancelOrderIds: ['a', 'nobody'] });
    await world.run();
    expect(world.venue.cancels).toEqual([]);
    expect(await world.done()).toEqual([1, 2]);
  });

  it('keeps the orders of its slice back for as long as its cancel has no clear answer', async () => {
    const world = await replaced();
    const { cancel } = world.venue;
    const calls = asked(world);
    let refusals = 3;
    world.venue.cancel = (accountId, orderId) => {
      refusals -= 1;
      world.venue.down = refusals >= 0;
      const answer = cancel.call(world.venue, accountId, orderId);
      world.venue.down = false;
      return answer;
    };
    await world.run();
    expect(refusals).toBe(-1);
    expect(calls).toEqual(['submit b']);
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
    expect(await world.order('b')).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1, 2]);
  });

  it('waits until it is known whether the venue has it', async () => {
    const world = new World();
    world.venue.capabilities = MUTE;
    world.venue.doings.push('unanswered');
    world.venue.silent = true;
    world.slice(1, [terms('a')]);
    world.slice(2, [], { cancelOrderIds: ['a'] });
    await world.run();
    expect(world.venue.cancels).toEqual([]);
    expect(await world.done()).toEqual([1, 2]);
    world.venue.silent = false;
    await world.run();
    expect(world.venue.cancels).toEqual(['a']);
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
  });

  it.each(['before', 'after'] as const)(
    'is cancelled once its owner has a successor, whichever port call the owner died %s',
    async (when) => {
      const dry = await replaced();
      const { calls } = await dry.run();
      for (let call = 1; call <= calls.length; call += 1) {
        const world = await replaced();
        expect((await world.run({ call, when })).kind, `call ${call}`).toBe('crashed');
        await world.run();
        expect(await world.order('a'), `call ${call}`).toMatchObject({ state: 'cancelled' });
        expect(await world.order('b'), `call ${call}`).toMatchObject({ state: 'accepted' });
        expect(await world.done()).toEqual([1, 2]);
        expect(world.venue.doubled).toBe(0);
      }
    },
  );
});
