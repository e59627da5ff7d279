import { type OrderTerms, quantity } from '@capstan/domain';
import { portErrors } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { CAREFUL } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

/** A bot's order to sell the ten that it holds. */
const sell = (orderId: string, of: Partial<OrderTerms> = {}) =>
  terms(orderId, { side: 'sell', reducing: true, expiresAtUs: at(9), ...of });

/** A world in which a bot holds ten, and `lost`, which was to sell them, was given up. */
async function givenUp(): Promise<World> {
  const world = new World();
  world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId: false };
  world.slice(1, [terms('entry')]);
  await world.run();
  world.venue.fill('entry', 10);
  world.venue.doings.push('lost');
  world.slice(2, [sell('lost')]);
  await world.run();
  expect(await world.order('lost')).toMatchObject({ state: 'rejected' });
  return world;
}

/** The order that was given up comes to the venue, which says nothing clear to its cancel, or takes it and does nothing yet. */
async function comesBack(world: World, answer: 'none' | 'requested'): Promise<void> {
  world.venue.cancel = (_, orderId) => {
    world.venue.cancels.push(orderId);
    return answer === 'requested'
      ? Promise.resolve({ kind: 'requested' })
      : Promise.reject(portErrors.venueTimeout('no answer'));
  };
  await world.venue.submit(sell('lost'));
  await world.run();
}

describe('an order that was given up and comes nevertheless', () => {
  it('is asked to be cancelled until the venue takes that, over a restart too', async () => {
    const world = await givenUp();
    const { cancel } = world.venue;
    await comesBack(world, 'none');
    const asked = world.venue.cancels.length;
    expect(asked).toBeGreaterThan(1);
    expect(world.venue.placed('lost')?.state).toBe('working');
    world.venue.cancel = cancel;
    await world.run();
    expect(world.venue.cancels).toHaveLength(asked + 1);
    expect(world.venue.placed('lost')?.state).toBe('cancelled');
    expect(await world.order('lost')).toMatchObject({ state: 'rejected' });
  });

  it('lets nothing that does the same to its position go out beside it', async () => {
    const world = await givenUp();
    await comesBack(world, 'requested');
    world.slice(3, [
      sell('again'),
      sell('another', { botId: 'other' }),
      terms('more', { expiresAtUs: at(9) }),
    ]);
    await world.run();
    expect((await world.order('again')).reason).toMatch(/^hold: order lost in SPY/);
    expect(world.venue.arrivals.slice(-2)).toEqual(['another', 'more']);
  });

  it('holds a flattening back until it has ended, and what it filled is not closed again', async () => {
    const world = await givenUp();
    await comesBack(world, 'requested');
    await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
    expect(world.venue.arrivals.at(-1)).toBe('lost');
    world.venue.fill('lost', 10);
    await world.run();
    expect(world.venue.arrivals.at(-1)).toBe('lost');
    expect(await world.order('lost')).toMatchObject({ state: 'rejected', filledQuantity: 10 });
  });

  it.each([
    [0, 'is let go where the venue shows that it has ended: what is held is closed'],
    [4, 'is waited for where the venue shows more filled than it has told'],
  ])('whose end was never told, %i filled unheard, %s', async (unheard) => {
    const world = await givenUp();
    const { cancel } = world.venue;
    await comesBack(world, 'none');
    const placed = world.venue.placed('lost');
    if (placed === undefined) throw new Error('the order is there');
    [placed.state, placed.filled] = ['cancelled', unheard];
    world.venue.cancel = cancel;
    await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
    const after = world.venue.arrivals.slice(world.venue.arrivals.lastIndexOf('lost') + 1);
    const sent = after.map((orderId) => world.venue.placed(orderId)?.terms);
    expect(sent).toMatchObject(unheard > 0 ? [] : [{ side: 'sell', quantity: 10 }]);
  });

  it('holds a hard kill back likewise; what is left then is closed', async () => {
    const world = await givenUp();
    await comesBack(world, 'requested');
    await world.setSwitch('hard');
    await world.run();
    expect(world.venue.arrivals.at(-1)).toBe('lost');
    const arrived = world.venue.arrivals.length;
    world.venue.fill('lost', 4);
    world.venue.emit({ kind: 'cancelled', orderId: 'lost', reason: 'as asked' });
    await world.run();
    expect(world.venue.arrivals).toHaveLength(arrived + 1);
    const [rest] = world.venue.arrivals.slice(-1);
    expect(world.venue.placed(String(rest))?.terms).toMatchObject({
      side: 'sell',
      quantity: quantity(6),
    });
  });
});
