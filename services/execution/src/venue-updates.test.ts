import { hasCode, priceNanos, quantity, ZERO_CASH } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

/** A world whose order `a`, of ten, is accepted. */
async function accepted(): Promise<World> {
  const world = new World();
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a')]);
  await world.run();
  world.venue.nowUs = at(1) + 30_000_000;
  return world;
}

const fillsOf = (world: World) => world.store.fillsAfter('paper', 0, 100);

describe('a fill', () => {
  it('is numbered, journaled and told with its order and the venue slice in one commit', async () => {
    const world = await accepted();
    world.venue.fill('a', 4);
    world.venue.fill('a', 6);
    world.onCall = (name) => {
      if (name === 'venue.updates') queueMicrotask(() => world.venue.slice(at(2)));
    };
    const { calls } = await world.run();
    expect(calls.filter((call) => call === 'store.commit')).toHaveLength(1);
    expect(await world.order('a')).toMatchObject({
      state: 'filled',
      filledQuantity: 10,
      filledNotionalMicros: 1_000_000_000,
      updatedAtUs: at(1) + 30_000_000,
    });
    const { orders, fills, subjects } = await world.told();
    expect(subjects.slice(1)).toEqual(['trading.order.paper', 'trading.fill.paper']);
    expect(orders[1]?.orders.map((order) => order.state)).toEqual(['filled']);
    expect(fills[0]?.fills.map((fill) => fill.accountSequence)).toEqual([1, 2]);
    expect(fills[0]?.venueSlice).toEqual({ feed: 'demo', sliceEndUs: at(2) });
  });

  it('that comes before the acceptance counts, and the acceptance is learnt', async () => {
    const world = new World();
    world.venue.doings.push('fillFirst');
    world.slice(1, [terms('a')]);
    await world.run();
    expect(await world.order('a')).toMatchObject({
      state: 'filled',
      filledQuantity: 10,
      venueOrderId: 'X1',
    });
  });

  it('told twice counts once, by sequence and by execution', async () => {
    const world = await accepted();
    world.venue.fill('a', 4, 'E-one');
    await world.run();
    const [, event] = world.venue.events;
    if (event === undefined) throw new Error('nothing happened');
    world.onCall = (name) => {
      if (name === 'venue.updates')
        queueMicrotask(() => world.venue.tell({ kind: 'event', event }));
    };
    world.venue.fill('a', 4, 'E-one');
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'partiallyFilled', filledQuantity: 4 });
    expect(await fillsOf(world)).toHaveLength(1);
    world.venue.fill('a', 6, 'E-two');
    world.venue.fill('a', 6, 'E-two');
    await world.run();
    expect((await fillsOf(world)).map((fill) => fill.accountSequence)).toEqual([1, 2]);
  });

  it('beyond the order is recorded as the venue says', async () => {
    const world = await accepted();
    world.venue.fill('a', 12);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'filled', filledQuantity: 12 });
    expect(world.log.lines.some((line) => line.level === 'error')).toBe(true);
  });

  it('after the end of its order counts, also for an owner that never knew the order', async () => {
    const world = await accepted();
    world.venue.emit({ kind: 'cancelled', orderId: 'a', reason: 'late' });
    await world.run();
    world.venue.fill('a', 3);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'cancelled', filledQuantity: 3 });
  });
});

describe('a missing event', () => {
  it('ends the ownership; the next one reads the stream again and misses nothing', async () => {
    const world = await accepted();
    world.venue.fill('a', 4);
    const [event] = world.venue.events.splice(1);
    if (event === undefined) throw new Error('nothing happened');
    world.onCall = (name) => {
      const ahead = { ...event, sequence: 3 };
      if (name === 'venue.updates')
        queueMicrotask(() => world.venue.tell({ kind: 'event', event: ahead }));
    };
    const life = await world.run();
    expect(life.kind === 'failed' && hasCode(life.error, 'VENUE.GAP')).toBe(true);
    expect(await fillsOf(world)).toEqual([]);
    world.onCall = () => undefined;
    world.venue.events.push(event);
    await world.run();
    expect(await fillsOf(world)).toHaveLength(1);
  });
});

describe('a slice report that includes an event which did not come', () => {
  it('ends the ownership; the fill is told before the slice', async () => {
    const world = await accepted();
    world.venue.silent = true;
    world.venue.fill('a', 4);
    world.venue.silent = false;
    const { events } = world.venue;
    const [lost] = events.splice(1);
    if (lost === undefined) throw new Error('nothing happened');
    const said = { accountId: 'paper', feed: 'demo', sliceEndUs: at(9), afterSequence: 2 };
    world.onCall = (name) => {
      if (name === 'venue.updates')
        queueMicrotask(() => world.venue.tell({ kind: 'slice', ...said }));
    };
    const life = await world.run();
    expect(life.kind === 'failed' && hasCode(life.error, 'VENUE.GAP')).toBe(true);
    expect((await world.told()).fills).toEqual([]);
    world.onCall = () => undefined;
    events.push(lost);
    await world.run();
    expect(await fillsOf(world)).toHaveLength(1);
  });
});

describe('a later word on a fill', () => {
  const figures = { feeMicros: ZERO_CASH, priceNanos: PRICE };

  it('a bust takes it back and refers to it', async () => {
    const world = await accepted();
    world.venue.fill('a', 4, 'E-one');
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E-one' });
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'accepted', filledQuantity: 0 });
    const [, bust] = await fillsOf(world);
    expect(bust).toMatchObject({
      kind: 'bust',
      refersTo: 'E-one',
      quantity: 4,
      accountSequence: 2,
    });
    expect(bust?.fillId).not.toBe('E-one');
  });

  it('a correction replaces it, and a bust then takes back what was corrected', async () => {
    const world = await accepted();
    world.venue.fill('a', 4, 'E-one');
    await world.run();
    const said = { orderId: 'a', executionId: 'E-one', ...figures };
    world.venue.emit({ kind: 'corrected', ...said, quantity: quantity(3) });
    await world.run();
    expect(await world.order('a')).toMatchObject({
      state: 'partiallyFilled',
      filledQuantity: 3,
      filledNotionalMicros: 300_000_000,
    });
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E-one' });
    await world.run();
    expect(await world.order('a')).toMatchObject({ filledQuantity: 0, filledNotionalMicros: 0 });
    expect((await fillsOf(world)).map((fill) => [fill.kind, fill.quantity])).toEqual([
      ['fill', 4],
      ['correction', 3],
      ['bust', 3],
    ]);
  });

  it('that speaks of nothing that stands is set aside', async () => {
    const world = await accepted();
    world.venue.fill('a', 4, 'E-one');
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E-one' });
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E-one' });
    const price = priceNanos(1);
    const said = { executionId: 'E-none', ...figures, priceNanos: price, quantity: quantity(1) };
    world.venue.emit({ kind: 'corrected', orderId: 'a', ...said });
    await world.run();
    expect(await fillsOf(world)).toHaveLength(2);
    expect(world.log.lines.filter((line) => line.message.startsWith('set a venue'))).toHaveLength(
      2,
    );
  });
});

describe('an end', () => {
  it.each([
    ['cancelled', { kind: 'cancelled', orderId: 'a', reason: 'as asked' }],
    ['expired', { kind: 'expired', orderId: 'a' }],
    ['rejected', { kind: 'rejected', orderId: 'a', reason: 'after all' }],
  ] as const)('%s is taken', async (state, event) => {
    const world = await accepted();
    world.venue.emit(event);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state });
  });

  it('that the venue would not bring leaves the order as it was', async () => {
    const world = await accepted();
    world.venue.cancel = async () => ({ kind: 'requested' });
    await world.command('CancelOrder', { orderId: 'a' });
    expect(await world.order('a')).toMatchObject({ state: 'cancelling' });
    world.venue.emit({ kind: 'cancelRejected', orderId: 'a', reason: 'too late' });
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'accepted' });
  });
});

describe('an event of an order that is not ours', () => {
  it('is set aside and the rest goes on', async () => {
    const world = await accepted();
    world.venue.fill('stranger', 5);
    world.venue.fill('a', 10);
    const { kind } = await world.run();
    expect(kind).toBe('idle');
    expect(await fillsOf(world)).toHaveLength(1);
    const aside = world.log.lines.find((line) => line.message === 'set a venue event aside');
    expect(aside?.fields).toMatchObject({ orderId: 'stranger', kind: 'filled' });
  });
});

describe('the venue slices', () => {
  it('are told when they rise, and only then', async () => {
    const world = new World();
    const tell = (...slices: readonly number[]) => {
      world.onCall = (name) => {
        if (name !== 'venue.updates') return;
        queueMicrotask(() => {
          for (const slice of slices) world.venue.slice(at(slice));
        });
      };
    };
    tell(1, 2);
    await world.run();
    tell(2, 1);
    await world.run();
    tell(3);
    await world.run();
    const { fills } = await world.told();
    expect(fills.map((event) => event.venueSlice?.sliceEndUs)).toEqual([at(2), at(3)]);
  });

  it('part what happened before them from what happened after', async () => {
    const world = await accepted();
    world.onCall = (name) => {
      if (name !== 'venue.updates') return;
      queueMicrotask(() => {
        world.venue.fill('a', 4);
        world.venue.slice(at(2));
        world.venue.fill('a', 6);
      });
    };
    await world.run();
    const { fills, orders } = await world.told();
    expect(fills.map((event) => [event.fills.length, event.venueSlice?.sliceEndUs])).toEqual([
      [1, at(2)],
      [1, undefined],
    ]);
    expect(orders.slice(1).map((event) => event.orders[0]?.state)).toEqual([
      'partiallyFilled',
      'filled',
    ]);
  });
});
