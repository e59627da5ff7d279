import { encodeApprovedSlice } from '@capstan/contracts';
import { hasCode } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { at, KEY, terms, World } from './test-world.ts';

describe('a slice', () => {
  it('is sent, answered and declared done in two commits', async () => {
    const world = new World();
    world.slice(1, [terms('a'), terms('b', { symbol: 'QQQ' })], { activeBots: 3 });
    const { calls } = await world.run();
    expect(calls.filter((call) => call === 'store.commit')).toHaveLength(2);
    const [event, ...others] = (await world.told()).orders;
    expect(others).toEqual([]);
    expect(event?.orders.map((order) => [order.orderId, order.state])).toEqual([
      ['a', 'accepted'],
      ['b', 'accepted'],
    ]);
    expect(event?.sliceDone).toEqual({ feed: 'demo', sliceEndUs: at(1), activeBots: 3 });
    expect(await world.order('a')).toMatchObject({ venueOrderId: 'X1', updatedAtUs: at(1) });
    const [message] = await world.store.outbox(KEY, 0, 10);
    expect(message?.headers).toMatchObject({
      traceparent: 'trace-1',
      'capstan-correlation-id': 'slice-1',
      'capstan-causation-id': 'approved-1',
    });
  });

  it('writes its orders before the first is sent', async () => {
    const world = new World();
    const seen: (string | undefined)[] = [];
    world.slice(1, [terms('a')]);
    world.venue.onSubmit = () => {
      void world.store.order('a').then((order) => seen.push(order?.state));
    };
    await world.run();
    expect(seen).toEqual(['submitting']);
  });

  it('without orders is one commit', async () => {
    const world = new World();
    world.slice(0, []);
    world.slice(1, []);
    const { calls } = await world.run();
    expect(calls.filter((call) => call === 'store.commit')).toHaveLength(2);
    expect(await world.done()).toEqual([0, 1]);
  });

  it('is done with a refusal of the venue', async () => {
    const world = new World();
    world.venue.doings.push('reject');
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'rejected', reason: 'not today' });
    expect(await world.done()).toEqual([1]);
  });

  it('said again without orders is declared done again, with its new number of bots', async () => {
    const world = new World();
    world.slice(1, [terms('a')], { activeBots: 2 });
    world.slice(1, [], { activeBots: 0 });
    await world.run();
    const { orders } = await world.told();
    expect(orders.map((event) => event.sliceDone?.activeBots)).toEqual([2, 0]);
  });

  it('that is older, or repeated with orders, sends nothing', async () => {
    const world = new World();
    world.slice(2, [terms('a')]);
    world.slice(1, [terms('b')]);
    world.slice(2, [terms('c')]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
    expect(await world.done()).toEqual([2, 2]);
    expect(world.log.lines.filter((line) => line.level === 'error')).toHaveLength(2);
  });

  it('of another run is passed over', async () => {
    const world = new World();
    const slice = { accountId: 'paper', feed: 'demo', sliceEndUs: at(1), activeBots: 1 };
    const asks = { orders: [terms('a')], cancelOrderIds: [] };
    world.message(encodeApprovedSlice({ ...slice, runId: 'other', ...asks }));
    await world.run();
    expect(world.venue.arrivals).toEqual([]);
    expect((await world.told()).subjects).toEqual([]);
  });
});

describe('an order that must not go out', () => {
  it.each([
    ['decision-age', { expiresAtUs: at(0) }],
    ['capability', { type: 'stop' } as const],
    ['capability', { timeInForce: 'ioc' } as const],
  ])('is denied %s before it is sent', async (policy, of) => {
    const world = new World();
    world.slice(1, [terms('a', of), terms('b')]);
    await world.run();
    expect(world.venue.arrivals).toEqual(['b']);
    const order = await world.order('a');
    expect(order.state).toBe('denied');
    expect(order.reason).toMatch(new RegExp(`^${policy}: `));
    expect(await world.done()).toEqual([1]);
  });

  it('is told as denied', async () => {
    const world = new World();
    world.slice(1, [terms('a', { expiresAtUs: at(0) })]);
    await world.run();
    const [event] = (await world.told()).orders;
    expect(event?.orders.map((order) => order.state)).toEqual(['denied']);
    expect(event?.sliceDone?.sliceEndUs).toBe(at(1));
  });

  it('is judged by the wall clock in a live run', async () => {
    const world = new World();
    world.settings = { ...world.settings, eventTime: false };
    await world.clock.advance(3 * 60_000);
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'denied' });
  });
});

describe('the lease', () => {
  it('that ended before the send lets nothing out; the next owner asks and goes on', async () => {
    const world = new World();
    world.slice(1, [terms('a'), terms('b')]);
    world.held = () => false;
    const life = await world.run();
    expect(life.kind === 'failed' && hasCode(life.error, 'EXECUTION.LEASE')).toBe(true);
    expect(world.venue.arrivals).toEqual([]);
    expect(await world.order('a')).toMatchObject({ state: 'submitting' });
    world.held = () => true;
    await world.run();
    expect(world.venue.arrivals).toEqual(['a', 'b']);
    expect(await world.order('b')).toMatchObject({ state: 'accepted' });
    expect(await world.done()).toEqual([1]);
  });

  it('that ends between two sends lets no further one out', async () => {
    const world = new World();
    world.slice(1, [terms('a'), terms('b')]);
    let asked = 0;
    world.held = () => {
      asked += 1;
      return asked === 1;
    };
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
  });
});
