import { type OrderTerms, quantity } from '@capstan/domain';
import { portErrors } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { KillSwitches } from './kill-switches.ts';
import { CAREFUL, MUTE, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

/** A bot's order to sell the ten that it holds. */
const sell = (orderId: string, of: Partial<OrderTerms> = {}) =>
  terms(orderId, { side: 'sell', reducing: true, expiresAtUs: at(9), ...of });

/** A world in which a bot holds ten, and `lost`, which was to sell them, was given up. */
async function givenUp(lost = sell('lost')): Promise<World> {
  const world = new World();
  world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId: false };
  world.slice(1, [terms('entry')]);
  await world.run();
  world.venue.fill('entry', 10);
  world.venue.doings.push('lost');
  world.slice(2, [lost]);
  await world.run();
  expect(await world.order('lost')).toMatchObject({ state: 'rejected' });
  return world;
}

/** The order that was given up comes to the venue, which says nothing clear to its cancel, or takes it and does nothing yet. */
async function comesBack(
  world: World,
  answer: 'none' | 'requested',
  lost = sell('lost'),
): Promise<void> {
  world.venue.cancel = (_, orderId) => {
    world.venue.cancels.push(orderId);
    return answer === 'requested'
      ? Promise.resolve({ kind: 'requested' })
      : Promise.reject(portErrors.venueTimeout('no answer'));
  };
  await world.venue.submit(lost);
  await world.run();
}

/** What arrived at the venue after the order that was given up. */
function sentSince(world: World): readonly (OrderTerms | undefined)[] {
  const { arrivals } = world.venue;
  const after = arrivals.slice(arrivals.lastIndexOf('lost') + 1);
  return after.map((orderId) => world.venue.placed(orderId)?.terms);
}

/** How far the hard kill is, as people are told. */
async function progress(world: World): Promise<string> {
  const switches = new KillSwitches(world);
  await switches.read('paper');
  return await switches.progress('paper');
}

const TO_DO = "'capstan orders resolve lost'";

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

  it('that took its cancel, and whose end was never told, is asked about until the venue shows it', async () => {
    const world = await givenUp();
    await comesBack(world, 'requested');
    expect((await world.order('lost')).reason).toContain(TO_DO);
    await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
    expect(sentSince(world)).toEqual([]);
    const placed = world.venue.placed('lost');
    if (placed === undefined) throw new Error('the order is there');
    placed.state = 'cancelled';
    await world.run();
    expect(sentSince(world)).toMatchObject([{ side: 'sell', quantity: 10 }]);
    const { state, reason } = await world.order('lost');
    expect(state).toBe('rejected');
    expect(reason).toBe(
      'it was given up as never taken; it came nevertheless, and the venue shows that it has ended',
    );
  });
});

/** The venue takes its cancel, says no more of it, and answers no question. */
async function neverEnds(amount: number, of: Partial<OrderTerms> = {}): Promise<World> {
  const lost = sell('lost', { quantity: quantity(amount), ...of });
  const world = await givenUp(lost);
  world.venue.capabilities = MUTE;
  await comesBack(world, 'requested', lost);
  return world;
}

describe('an order that came back and whose end nobody tells', () => {
  it.each(['hard kill', 'flattening'])(
    'holds a %s up only a while: the rest is closed',
    async (by) => {
      const world = await neverEnds(4);
      const sentAtMs: number[] = [];
      world.venue.onSubmit = () => sentAtMs.push(world.clock.monotonicMs());
      const backAtMs = world.clock.monotonicMs();
      if (by === 'hard kill') {
        await world.setSwitch('hard');
        await world.run();
      } else await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
      expect(sentSince(world)).toMatchObject([{ side: 'sell', quantity: 6 }]);
      expect((sentAtMs[0] ?? 0) - backAtMs).toBeGreaterThanOrEqual(30_000);
      const [flat] = world.venue.arrivals.slice(-1);
      world.venue.fill(String(flat), 6);
      world.venue.fill('lost', 4);
      await world.run();
      expect(sentSince(world)).toHaveLength(1);
      expect(await world.order('lost')).toMatchObject({ filledQuantity: 4 });
    },
  );

  it('and that adds keeps nothing open: what is held is closed, and what it fills later as well', async () => {
    const world = await neverEnds(4, { side: 'buy', reducing: false });
    await world.setSwitch('hard');
    world.venue.onSubmit = () => world.venue.doings.push('fillFirst');
    await world.run();
    expect(sentSince(world)).toMatchObject([{ side: 'sell', quantity: 10 }]);
    expect(await progress(world)).toMatch(
      /^nothing is held; what may still be filled of lost in SPY/,
    );
    world.venue.fill('lost', 4);
    await world.run();
    expect(sentSince(world)).toMatchObject([{ quantity: 10 }, { side: 'sell', quantity: 4 }]);
    expect(await progress(world)).toBe('nothing is held');
  });

  it('is named by a hard kill with what to do, while it is waited for and after', async () => {
    const world = await neverEnds(10);
    await world.setSwitch('hard');
    await world.run();
    const waits = `hard kill: waits for 1 orders to end, given up and there after all: lost; should the venue not tell its end, ${TO_DO} does`;
    expect(world.log.lines.map(({ message }) => message)).toContain(waits);
    expect(sentSince(world)).toEqual([]);
    expect(await progress(world)).toBe(
      `flattens nothing; what may still be filled of lost in SPY is left to it: should the venue not tell its end, ${TO_DO} does`,
    );
  });

  it("ends by a person's word that it filled nothing, audited: a hard kill then closes all", async () => {
    const world = await neverEnds(10);
    await world.setSwitch('hard');
    await world.run();
    const { state } = await world.command('ResolveOrder', { orderId: 'lost', as: 'absent' });
    expect(state).toBe('done');
    expect(sentSince(world)).toMatchObject([{ side: 'sell', quantity: 10 }]);
    expect((await world.order('lost')).reason).toMatch(/closed as absent by operator$/);
    const [audit] = await world.store.audit(1);
    expect(audit).toMatchObject({ action: 'ResolveOrder', subject: 'lost', actor: 'operator' });
    const again = await world.command('ResolveOrder', { orderId: 'lost', as: 'absent', more: 1 });
    expect(again).toMatchObject({ state: 'refused', result: 'it is rejected already.' });
  });

  it("ends by a person's word that it filled: a hard kill closes what is left, and the venue's own word takes its place", async () => {
    const world = await neverEnds(10);
    world.venue.fill('lost', 3);
    await world.run();
    const filled = { orderId: 'lost', as: 'filled', priceNanos: PRICE };
    const tooMuch = await world.command('ResolveOrder', { ...filled, quantity: 8 });
    expect(tooMuch.result).toBe('say how much of what is open of it, 7, was filled.');
    await world.command('ResolveOrder', { ...filled, quantity: 4 });
    expect(await world.order('lost')).toMatchObject({ state: 'rejected', filledQuantity: 7 });
    world.venue.fill('lost', 2);
    await world.run();
    expect(await world.order('lost')).toMatchObject({ filledQuantity: 5 });
    await world.setSwitch('hard');
    await world.run();
    expect(sentSince(world)).toMatchObject([{ side: 'sell', quantity: 5 }]);
  });

  it('takes no word of a person while the venue shows that it works', async () => {
    const world = await givenUp();
    await comesBack(world, 'requested');
    const { result } = await world.command('ResolveOrder', { orderId: 'lost', as: 'absent' });
    expect(result).toMatch(/^the venue shows that it works/);
    world.slice(3, [sell('again')]);
    await world.run();
    expect((await world.order('again')).reason).toContain(TO_DO);
  });

  it('leaves a difference to the broker alone that may be its fill', async () => {
    const world = await neverEnds(10);
    world.venue.foreign.set('SPY', -4).set('QQQ', 5);
    const switches = new KillSwitches(world);
    const all = { mode: 'hard', actor: 'operator', reason: 'all', foreign: true } as const;
    await switches.set('paper', all);
    await world.run();
    expect(sentSince(world)).toMatchObject([{ symbol: 'QQQ', side: 'sell', quantity: 5 }]);
  });
});
