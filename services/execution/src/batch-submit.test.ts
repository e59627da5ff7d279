import { describe, expect, it } from 'vitest';
import { CAREFUL } from './test-venue.ts';
import { terms, World } from './test-world.ts';

const worldOf = (batchSubmitMax: number): World => {
  const world = new World();
  world.venue.capabilities = { ...CAREFUL, batchSubmitMax };
  return world;
};
const three = [
  terms('a'),
  terms('b', { symbol: 'QQQ' }),
  terms('c', { reducing: true, side: 'sell' }),
];
const statesOf = (world: World) =>
  Promise.all(['a', 'b', 'c'].map(async (orderId) => (await world.order(orderId))?.state));

describe('where the venue takes many orders in one call, a slice', () => {
  it('goes out in as few calls as the venue allows, with an answer for each order', async () => {
    const world = worldOf(2);
    world.venue.doings.push('accept', 'reject', 'accept');
    world.slice(1, three);
    const { calls } = await world.run();
    expect(world.venue.batches).toEqual([['a', 'b']]);
    expect(world.venue.arrivals).toEqual(['a', 'b', 'c']);
    expect(await statesOf(world)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(calls.filter((call) => call === 'store.commit')).toHaveLength(2);
    expect(await world.done()).toEqual([1]);
  });

  it('without an answer is unknown as a whole, and each order is settled by itself', async () => {
    const world = worldOf(3);
    world.venue.doings.push('accept', 'lost');
    world.slice(1, three);
    await world.run();
    const { orders } = await world.told();
    expect(orders[0]?.orders.map((order) => [order.orderId, order.state])).toEqual([
      ['a', 'unknown'],
      ['b', 'unknown'],
      ['c', 'unknown'],
    ]);
    expect(world.venue.arrivals).toEqual(['a', 'b', 'b', 'c']);
    expect(world.venue.doubled).toBe(0);
    expect(await statesOf(world)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await world.done()).toEqual([1]);
  });

  it('sends no further call after one without an answer', async () => {
    const world = worldOf(2);
    world.venue.down = true;
    const seen: string[] = [];
    world.venue.onSubmit = ({ orderId }) => seen.push(orderId);
    world.slice(1, three);
    await world.run();
    expect(seen).toEqual(['a']);
    expect(await statesOf(world)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('leaves out what the kill switch forbids at the moment of the call', async () => {
    const world = worldOf(3);
    const commit = world.store.commit.bind(world.store);
    world.store.commit = async (draft) => {
      await commit(draft);
      if (draft.orders?.some((order) => order.state === 'submitting'))
        await world.setSwitch('soft');
    };
    world.slice(1, three);
    await world.run();
    expect(world.venue.arrivals).toEqual(['c']);
    expect(await statesOf(world)).toEqual(['denied', 'denied', 'accepted']);
    expect(await world.done()).toEqual([1]);
  });
});
