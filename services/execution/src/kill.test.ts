import { describe, expect, it } from 'vitest';
import { KillSwitches } from './kill-switches.ts';
import { at, terms, World } from './test-world.ts';

/** A slice that ends after the session, and minutes from there into the next one. */
const AFTER_CLOSE = 400;
const MINUTES_TO_OPEN = 1_060;

const states = async (world: World, ...orderIds: readonly string[]) =>
  Promise.all(orderIds.map(async (orderId) => (await world.order(orderId)).state));

/** Lets an order fill as it arrives, from now on. */
function fillAtOnce(world: World): void {
  world.venue.onSubmit = () => world.venue.doings.push('fillFirst');
}

describe('a soft kill', () => {
  it('lets nothing out that adds, and what reduces', async () => {
    const world = new World();
    await world.setSwitch('soft', 'lunch');
    world.slice(1, [terms('a'), terms('b', { reducing: true, side: 'sell' })]);
    await world.run();
    expect(await states(world, 'a', 'b')).toEqual(['denied', 'accepted']);
    expect((await world.order('a')).reason).toBe(
      'kill-switch: the soft kill switch was thrown by operator: lunch',
    );
    expect(world.venue.cancels).toEqual([]);
    expect(await world.done()).toEqual([1]);
  });

  it('between the commit and the send stops what was about to go', async () => {
    const world = new World();
    world.slice(1, [terms('a')]);
    world.onCall = (name) => {
      if (name === 'store.commit' && world.venue.arrivals.length === 0)
        void world.setSwitch('soft');
    };
    await world.run();
    expect(world.venue.arrivals).toEqual([]);
    expect(await states(world, 'a')).toEqual(['denied']);
    expect(await world.done()).toEqual([1]);
  });

  it('stops what still waits behind others', async () => {
    const world = new World();
    const many = Array.from({ length: 80 }, (_, index) => terms(`o${index}`));
    world.slice(1, many);
    world.venue.onSubmit = () => {
      world.venue.onSubmit = () => undefined;
      void world.setSwitch('soft');
    };
    await world.run();
    expect(world.venue.arrivals.length).toBeLessThan(80);
    const denied = (await world.store.orders({ states: ['denied'], limit: 100 })).length;
    expect(denied + world.venue.arrivals.length).toBe(80);
  });

  it('that is lifted lets orders out again', async () => {
    const world = new World();
    await world.setSwitch('soft');
    world.slice(1, [terms('a')]);
    await world.run();
    await world.setSwitch('off');
    world.slice(2, [terms('b', { expiresAtUs: at(3) })]);
    await world.run();
    expect(await states(world, 'a', 'b')).toEqual(['denied', 'accepted']);
  });

  it('stands where the stored switch cannot be read', async () => {
    const world = new World();
    await world.kv.put('switches', 'kill/paper', new TextEncoder().encode('{"mode":'));
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await states(world, 'a')).toEqual(['denied']);
  });
});

describe('a hard kill', () => {
  /** Ten SPY are held, and an order for QQQ works. */
  async function holding(): Promise<World> {
    const world = new World();
    world.slice(1, [terms('held'), terms('open', { symbol: 'QQQ' })]);
    await world.run();
    world.venue.fill('held', 10);
    await world.run();
    return world;
  }

  it('cancels what works, then brings what is held to zero by a reducing order', async () => {
    const world = await holding();
    await world.setSwitch('hard', 'fire');
    fillAtOnce(world);
    await world.run();
    expect(world.venue.cancels).toEqual(['open']);
    expect(await states(world, 'open')).toEqual(['cancelled']);
    const orders = await world.store.orders({ botId: 'trend', limit: 10 });
    const [flat, ...more] = orders.filter((order) => order.reducing);
    expect(more).toEqual([]);
    expect(flat).toMatchObject({ side: 'sell', symbol: 'SPY', quantity: 10, state: 'filled' });
    const [intent] = await world.store.intents({ accountId: 'paper', limit: 10 });
    expect(intent).toMatchObject({ causeKind: 'command', reducing: true });
    expect(flat?.intentId).toBe(intent?.intentId);
  });

  it('that is lifted closes what it began to close: nothing else does until its orders have ended', async () => {
    const world = await holding();
    await world.setSwitch('hard');
    await world.run();
    await world.setSwitch('off');
    const closes = { side: 'sell', reducing: true, expiresAtUs: at(9) } as const;
    world.slice(2, [terms('twice', closes), terms('apart', { symbol: 'DIA', expiresAtUs: at(9) })]);
    await world.run();
    expect(await states(world, 'twice', 'apart')).toEqual(['denied', 'accepted']);
    expect((await world.order('twice'))?.reason).toContain('it would be closed twice');
    const [flat] = (await world.store.orders({ states: ['accepted'], limit: 10 })).filter(
      (order) => order.reducing,
    );
    world.venue.fill(flat?.orderId ?? '', 10);
    await world.run();
    world.slice(3, [terms('anew', { expiresAtUs: at(9) })]);
    await world.run();
    expect(await states(world, 'anew')).toEqual(['accepted']);
  });

  it('sends a second round where the first did not end flat, and no more than is held', async () => {
    const world = await holding();
    await world.setSwitch('hard');
    world.venue.doings.push('reject');
    await world.run();
    const sells = await world.store.orders({ states: ['rejected', 'accepted'], limit: 10 });
    expect(sells.map((order) => [order.state, order.quantity]).sort()).toEqual([
      ['accepted', 10],
      ['rejected', 10],
    ]);
  });

  it('lets nothing of risk out, also not what reduces', async () => {
    const world = await holding();
    await world.setSwitch('hard');
    world.slice(2, [terms('b', { reducing: true, side: 'sell', expiresAtUs: at(3) })]);
    await world.run();
    expect(await states(world, 'b')).toEqual(['denied']);
    expect(await world.done()).toEqual([1, 2]);
  });

  it('goes on after a crash at any of its port calls, and never flattens twice', async () => {
    const dry = await holding();
    await dry.setSwitch('hard');
    const { calls } = await dry.run();
    for (let call = 1; call <= calls.length; call += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = await holding();
        await world.setSwitch('hard');
        await world.run({ call, when });
        fillAtOnce(world);
        await world.run();
        for (const order of await world.store.orders({ states: ['accepted'], limit: 10 })) {
          world.venue.fill(order.orderId, order.quantity);
        }
        await world.run();
        const fills = await world.store.fillsAfter('paper', 0, 10);
        const net = fills.reduce((sum, { side, quantity }) => {
          return side === 'buy' ? sum + quantity : sum - quantity;
        }, 0);
        expect(net, `${when} call ${call}`).toBe(0);
        expect(await states(world, 'open')).toEqual(['cancelled']);
      }
    }
  });

  it('waits for what the venue has still to tell before it flattens', async () => {
    const world = await holding();
    await world.setSwitch('hard');
    world.venue.account = async (accountId) => ({
      accountId,
      currency: 'USD',
      cashMicros: 0 as never,
      sequence: world.venue.events.length + 1,
      positions: [],
    });
    await world.run();
    expect(world.venue.arrivals).toEqual(['held', 'open']);
  });

  it('asks again for cancels that the venue did not take, and flattens when it is back', async () => {
    const world = await holding();
    await world.setSwitch('hard');
    world.venue.down = true;
    await world.run();
    expect(await states(world, 'open')).toEqual(['accepted']);
    world.venue.down = false;
    fillAtOnce(world);
    await world.run();
    expect(await states(world, 'open')).toEqual(['cancelled']);
    expect(world.venue.arrivals).toHaveLength(3);
  });

  it('waits for the session where the market is closed, says so, and flattens when it opens', async () => {
    const world = await holding();
    world.slice(AFTER_CLOSE, []);
    await world.run();
    await world.setSwitch('hard');
    await world.run();
    expect(world.venue.cancels).toEqual(['open']);
    expect(world.venue.arrivals).toEqual(['held', 'open']);
    const switches = new KillSwitches(world);
    await switches.read('paper');
    expect(await switches.progress('paper')).toBe(
      'the market is closed: flattening is queued: SPY for the session of 2026-01-06',
    );
    world.slice(AFTER_CLOSE + MINUTES_TO_OPEN, []);
    fillAtOnce(world);
    await world.run();
    expect(world.venue.arrivals).toHaveLength(3);
    expect(await switches.progress('paper')).toBe('nothing is held');
  });

  it('leaves what Capstan does not hold alone, unless it is told otherwise', async () => {
    for (const foreign of [false, true]) {
      const world = await holding();
      world.venue.foreign.set('SPY', 5).set('QQQ', -2).set('XYZ', 1);
      fillAtOnce(world);
      const to = { mode: 'hard', actor: 'operator', reason: '', foreign } as const;
      await new KillSwitches(world).set('paper', to);
      await world.run();
      const { positions } = await world.venue.account('paper');
      const shown = positions.map(({ symbol, quantity }) => [symbol, quantity]);
      const left = foreign
        ? [['XYZ', 1]]
        : [
            ['SPY', 5],
            ['QQQ', -2],
            ['XYZ', 1],
          ];
      expect(shown.sort()).toEqual(left.sort());
      await world.run();
      expect((await world.venue.account('paper')).positions).toEqual(positions);
    }
  });

  it('never sells more than the broker shows, whatever the books say', async () => {
    const world = await holding();
    world.venue.foreign.set('SPY', -7);
    fillAtOnce(world);
    await world.setSwitch('hard');
    await world.run();
    const { positions } = await world.venue.account('paper');
    expect(positions).toEqual([]);
  });

  it('buys a short position back', async () => {
    const world = new World();
    world.slice(1, [terms('short', { side: 'sell' })]);
    await world.run();
    world.venue.fill('short', 10);
    await world.setSwitch('hard');
    fillAtOnce(world);
    await world.run();
    const [flat] = (await world.store.orders({ limit: 10 })).filter((order) => order.reducing);
    expect(flat).toMatchObject({ side: 'buy', quantity: 10, state: 'filled' });
  });
});

describe('commands', () => {
  it('Kill throws the switch for everybody, with an audit row', async () => {
    const world = new World();
    const answered = await world.command('Kill', { mode: 'soft', reason: 'drill' });
    expect(answered).toMatchObject({ state: 'done', result: 'the soft kill switch is thrown.' });
    const entry = await world.kv.get('switches', 'kill/paper');
    expect(JSON.parse(new TextDecoder().decode(entry?.value))).toMatchObject({
      mode: 'soft',
      actor: 'operator',
      reason: 'drill',
    });
    expect(await world.store.audit(10)).toMatchObject([{ action: 'Kill', subject: 'paper' }]);
    expect(await world.command('Unkill', {})).toMatchObject({ state: 'done' });
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await states(world, 'a')).toEqual(['accepted']);
  });

  it.each([
    ['Kill', {}, 'say how: soft or hard.'],
    ['Kill', { mode: 'off' }, 'say how: soft or hard.'],
    ['Dance', {}, "an account's execution knows no command Dance."],
    ['CancelOrder', { orderId: 'none' }, "account paper has no order 'none'."],
  ])('%s %j is refused', async (kind, payload, result) => {
    const world = new World();
    expect(await world.command(kind, payload)).toMatchObject({ state: 'refused', result });
  });

  it('CancelOrder asks the venue; the end comes from its events', async () => {
    const world = new World();
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await world.command('CancelOrder', { orderId: 'a' })).toMatchObject({ state: 'done' });
    expect(await states(world, 'a')).toEqual(['cancelled']);
    const { orders } = await world.told();
    expect(orders.slice(1).map((event) => event.orders[0]?.state)).toEqual([
      'cancelling',
      'cancelled',
    ]);
    const again = await world.command('CancelOrder', { orderId: 'a', again: true });
    expect(again).toMatchObject({ state: 'refused', result: 'it is cancelled already.' });
  });

  it('CancelOrder is refused, with the reason, where it cannot be', async () => {
    const world = new World();
    world.venue.down = true;
    world.slice(1, [terms('a')]);
    await world.run();
    const unknown = await world.command('CancelOrder', { orderId: 'a' });
    expect(unknown.result).toMatch(/^it is not known whether the venue has it/);
    world.venue.down = false;
    await world.run();
    world.venue.cancel = async () => ({ kind: 'rejected', reason: 'too late' });
    const late = await world.command('CancelOrder', { orderId: 'a', second: true });
    expect(late.result).toBe('the venue did not take the cancel: too late');
    world.venue.down = true;
  });
});
