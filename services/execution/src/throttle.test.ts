import { timeUs } from '@capstan/domain';
import { drained, VirtualClock } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAREFUL } from './test-venue.ts';
import { terms, World } from './test-world.ts';
import { type Urgency, VenueThrottle } from './throttle.ts';

const START = timeUs(1_767_623_400_000_000);
const wanted = () => false;

async function settle(clock: VirtualClock): Promise<void> {
  do await drained();
  while (clock.wakeNext());
}

describe('a throttle', () => {
  it('never lets more pass in any span than its burst and its rate', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 }),
        async (burst, ordersPerSecond, counts) => {
          const clock = new VirtualClock(START);
          const throttle = new VenueThrottle(clock, { ordersPerSecond, burst });
          const passed: { atMs: number; count: number }[] = [];
          const asked = counts.map(async (wish) => {
            const count = Math.min(wish, burst);
            await throttle.orders(count, 'adding', wanted);
            passed.push({ atMs: clock.monotonicMs(), count });
          });
          await settle(clock);
          await Promise.all(asked);
          for (const [from, { atMs }] of passed.entries()) {
            for (let to = from; to < passed.length; to += 1) {
              const total = passed.slice(from, to + 1).reduce((sum, one) => sum + one.count, 0);
              const spanMs = (passed[to]?.atMs ?? 0) - atMs;
              expect(total).toBeLessThanOrEqual(burst + (spanMs / 1_000) * ordersPerSecond + 1e-6);
            }
          }
        },
      ),
    );
  });

  it('lets what reduces pass first, each kind in its order', async () => {
    const clock = new VirtualClock(START);
    const throttle = new VenueThrottle(clock, { ordersPerSecond: 1, burst: 1 });
    const passed: string[] = [];
    const ask = async (name: string, urgency: Urgency) => {
      if (await throttle.orders(1, urgency, wanted)) passed.push(name);
    };
    const asked = [ask('a1', 'adding'), ask('a2', 'adding'), ask('a3', 'adding')];
    await drained();
    asked.push(ask('r1', 'reducing'), ask('r2', 'reducing'));
    await settle(clock);
    await Promise.all(asked);
    expect(passed).toEqual(['a1', 'r1', 'r2', 'a2', 'a3']);
  });

  it('lets go soon what is not wanted any more, and others take its place', async () => {
    const clock = new VirtualClock(START);
    const throttle = new VenueThrottle(clock, { ordersPerSecond: 0.01, burst: 1 });
    await throttle.orders(1, 'adding', wanted);
    let isOff = false;
    const waiting = throttle.orders(1, 'adding', () => isOff);
    await drained();
    isOff = true;
    await clock.advance(100);
    expect(await waiting).toBe(false);
    expect(clock.monotonicMs()).toBeLessThan(200);
  });

  it('holds cancels by their own rate, and nothing without one', async () => {
    const clock = new VirtualClock(START);
    const free = new VenueThrottle(clock, { burst: 1 });
    for (let count = 0; count < 9; count += 1) {
      await free.cancel();
      await free.orders(500, 'adding', wanted);
    }
    const held = new VenueThrottle(clock, { cancelsPerSecond: 2, burst: 1 });
    const cancels = [held.cancel(), held.cancel(), held.cancel()];
    await settle(clock);
    await Promise.all(cancels);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(1_000);
  });
});

/** Lives a life in which the logic itself waits. */
async function live(world: World): Promise<void> {
  let isOver = false;
  const running = world.run().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await drained();
    world.clock.wakeNext();
  }
  await running;
}

describe('an account at a throttled venue', () => {
  async function throttled(perSecond: number, of: Partial<World['settings']> = {}): Promise<World> {
    const world = new World();
    world.throttle = new VenueThrottle(world.clock, { ordersPerSecond: perSecond, burst: 2 });
    world.settings = { ...world.settings, ...of };
    return world;
  }

  it('sends what reduces first, and all in time', async () => {
    const world = await throttled(10);
    const orders = ['a', 'b', 'c'].map((orderId) => terms(orderId));
    world.slice(1, [...orders, terms('r', { reducing: true, side: 'sell' })]);
    await live(world);
    expect(world.venue.arrivals[0]).toBe('r');
    expect([...world.venue.arrivals].sort()).toEqual(['a', 'b', 'c', 'r']);
    expect(await world.done()).toEqual([1]);
  });

  it('sends calls of many no larger than its burst', async () => {
    const world = await throttled(100);
    world.venue.capabilities = { ...CAREFUL, batchSubmitMax: 10 };
    world.slice(
      1,
      Array.from({ length: 5 }, (_, index) => terms(`o${index}`)),
    );
    await live(world);
    expect(world.venue.batches.map((batch) => batch.length)).toEqual([2, 2]);
    expect(world.venue.arrivals).toHaveLength(5);
  });

  it('denies what waited longer than its decision lives', async () => {
    const world = await throttled(0.005, { eventTime: false });
    world.slice(1, [terms('a'), terms('b'), terms('c')]);
    await live(world);
    expect(world.venue.arrivals).toEqual(['a', 'b']);
    expect(await world.order('c')).toMatchObject({
      state: 'denied',
      reason: expect.stringMatching(/^throttle: /),
    });
    expect(await world.done()).toEqual([1]);
  });

  it('stops waiting with a kill', async () => {
    const world = await throttled(0.001);
    world.slice(1, [terms('a'), terms('b'), terms('c')]);
    world.venue.onSubmit = ({ orderId }) => {
      if (orderId === 'b') void world.setSwitch('soft');
    };
    await live(world);
    expect(await world.order('c')).toMatchObject({
      ...{ state: 'denied', reason: expect.stringMatching(/^kill-switch: /) },
    });
  });
});

describe('a dry run', () => {
  it('does everything but the send, and says so of every order', async () => {
    const world = new World();
    world.slice(1, [terms('before')]);
    await world.run();
    world.settings = { ...world.settings, dryRun: true };
    world.slice(2, [terms('a', { expiresAtUs: START })], { cancelOrderIds: ['before'] });
    world.slice(3, [terms('b', { expiresAtUs: timeUs(START + 400_000_000) })]);
    await world.run();
    await world.command('CancelOrders', {});
    expect(world.venue.arrivals).toEqual(['before']);
    expect(world.venue.cancels).toEqual([]);
    expect(await world.order('b')).toMatchObject({
      state: 'denied',
      reason: 'dry-run: everything but the send was done: this installation runs dry',
    });
    expect(await world.done()).toEqual([1, 2, 3]);
  });
});
