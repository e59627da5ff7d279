import { EXIT_LEGS, type OrderTerms, orderId, priceNanos, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { CAREFUL, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const BELOW = priceNanos(PRICE - 5_000_000_000);
const ABOVE = priceNanos(PRICE + 5_000_000_000);
const exits = { stopPriceNanos: BELOW, takeProfitPriceNanos: ABOVE };
const STOP: Partial<OrderTerms> = { type: 'stop', stopPriceNanos: BELOW, timeInForce: 'gtc' };
const TARGET: Partial<OrderTerms> = { type: 'limit', limitPriceNanos: ABOVE, timeInForce: 'gtc' };

/** A world whose venue keeps exits, and has an entry `a` of ten with a stop and a target. */
async function entered(): Promise<World> {
  const world = new World();
  world.venue.capabilities = { ...CAREFUL, exits: ['bracket', 'trailing'] };
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a', { exits })]);
  await world.run();
  return world;
}

/** Fills the entry and makes its exits, as the venue does within one bar. */
function protect(world: World, filled = 10): { readonly stop: string; readonly target: string } {
  world.venue.fill('a', filled);
  return {
    stop: world.venue.protect('a', EXIT_LEGS.stop, STOP),
    target: world.venue.protect('a', EXIT_LEGS.takeProfit, TARGET),
  };
}

/** Fills an exit as far as it goes; the venue ends the other. */
function leave(world: World, by: string, other: string, amount = 10): void {
  world.venue.fill(by, amount);
  world.venue.emit({
    kind: 'cancelled',
    orderId: other,
    reason: 'another exit of its entry filled',
  });
}

const held = async (world: World): Promise<number> =>
  (await world.store.fillsAfter('paper', 0, 100)).reduce(
    (sum, { side, quantity: amount }) => sum + (side === 'buy' ? amount : -amount),
    0,
  );

describe('the exits that a venue makes as an entry fills', () => {
  it('are orders of the entry’s intent, journaled and told', async () => {
    const world = await entered();
    const { stop, target } = protect(world);
    await world.run();
    expect(stop).toBe(orderId({ intentId: 'intent-a', leg: 1, attempt: 1 }));
    expect(await world.order(stop)).toMatchObject({ ...STOP, state: 'accepted', leg: 1 });
    expect(await world.order(target)).toMatchObject({ ...TARGET, state: 'accepted', leg: 2 });
    const { orders } = await world.told();
    const told = orders.flatMap((event) => event.orders.map((order) => order.orderId));
    expect(told.slice(-2)).toEqual([stop, target]);
    expect(world.venue.arrivals).toEqual(['a']);
  });

  it('are known to the owner after a restart between entry and stop', async () => {
    const world = await entered();
    const { stop, target } = protect(world);
    await world.run();
    await world.run();
    leave(world, stop, target);
    await world.run();
    expect(await world.order(stop)).toMatchObject({ state: 'filled', filledQuantity: 10 });
    expect(await world.order(target)).toMatchObject({ state: 'cancelled' });
    expect(await held(world)).toBe(0);
    expect(world.venue.arrivals).toEqual(['a']);
  });

  it.each(['before', 'after'] as const)(
    'are lost and doubled by no owner that dies, whichever port call it died %s',
    async (when) => {
      const dry = await entered();
      const made = protect(dry);
      leave(dry, made.stop, made.target);
      const { calls } = await dry.run();
      expect(calls.length).toBeGreaterThan(8);
      for (let call = 1; call <= calls.length; call += 1) {
        const world = await entered();
        const { stop, target } = protect(world);
        leave(world, stop, target);
        await world.run({ call, when });
        await world.run();
        expect((await world.order(stop)).state, `call ${call}`).toBe('filled');
        expect((await world.order(target)).state, `call ${call}`).toBe('cancelled');
        expect(await held(world), `call ${call}`).toBe(0);
        expect(world.venue.arrivals).toEqual(['a']);
      }
    },
  );

  it('stay for what a partly filled entry has opened when its rest is cancelled', async () => {
    const world = await entered();
    const { stop } = protect(world, 4);
    await world.run();
    await world.command('CancelOrder', { orderId: 'a' });
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'cancelled', filledQuantity: 4 });
    expect((await world.order(stop)).state).toBe('accepted');
    expect(world.venue.cancels).toEqual(['a']);
  });

  it.each([
    ['of an order that is not ours', { parentOrderId: 'somebody-else' }, {}],
    ['with an id that is not its entry’s', {}, { intentId: 'intent-b' }],
    ['on the entry’s own side', {}, { side: 'buy' }],
    ['of another bot', {}, { botId: 'other' }],
    ['that could add', {}, { reducing: false }],
  ] as const)('are set aside as foreign where told %s', async (_, exit, wrong) => {
    const world = await entered();
    world.venue.fill('a', 10);
    const id = orderId({ intentId: 'intent-a', leg: 1, attempt: 1 });
    const right = terms(id, {
      ...STOP,
      intentId: 'intent-a',
      side: 'sell',
      leg: 1,
      reducing: true,
    });
    world.venue.emit({
      kind: 'accepted',
      orderId: id,
      venueOrderId: 'X9',
      exit: { parentOrderId: 'a', terms: { ...right, ...wrong }, ...exit },
    });
    await world.run();
    expect(await world.store.order(id)).toBeUndefined();
    const aside = world.log.lines.filter((line) => line.message === 'set a venue event aside');
    expect(aside).toHaveLength(1);
  });
});

describe('what a person or a kill closes while exits work', () => {
  const asks = {
    flatten: (world: World) => world.command('Flatten', { botId: 'trend', symbol: 'SPY' }),
    kill: (world: World) => world.command('Kill', { mode: 'hard', reason: 'a drill' }),
  } as const;

  it.each(['flatten', 'kill'] as const)('loses them first by a %s', async (how) => {
    const world = await entered();
    const { stop, target } = protect(world);
    await world.run();
    await asks[how](world);
    await world.run();
    expect(world.venue.cancels.toSorted()).toEqual([stop, target].toSorted());
    expect((await world.order(stop)).state).toBe('cancelled');
    expect((await world.order(target)).state).toBe('cancelled');
    const [, close] = world.venue.arrivals;
    expect(world.venue.placed(close ?? '')?.terms).toMatchObject({ side: 'sell', quantity: 10 });
    expect(world.venue.arrivals).toHaveLength(2);
  });

  it.each(['flatten', 'kill'] as const)(
    'is closed once where an exit fills as a %s asks for its cancel',
    async (how) => {
      const world = await entered();
      const { stop, target } = protect(world);
      await world.run();
      let left = false;
      world.onCall = (name) => {
        if (name !== 'venue.cancel' || left) return;
        left = true;
        leave(world, stop, target, quantity(10));
      };
      await asks[how](world);
      world.onCall = () => undefined;
      await world.run();
      expect(left).toBe(true);
      expect(await held(world)).toBe(0);
      expect(world.venue.arrivals).toEqual(['a']);
    },
  );
});
