import { deriveId, newOrder, type Order } from '@capstan/domain';
import { drained, MemoryKv, nullMeter, portErrors } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { KillBrake } from './kill-brake.ts';
import { KillSwitches } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import { AccountState } from './state.ts';
import { at, terms, World } from './test-world.ts';

const HARD = { mode: 'hard', actor: 'me', reason: 'fire' } as const;

/** A bucket that can be out of reach. */
class FlakyKv extends MemoryKv {
  isDown = false;

  override put(bucket: string, key: string, value: Uint8Array): Promise<number> {
    if (this.isDown) return Promise.reject(portErrors.busUnavailable('NATS is away'));
    return super.put(bucket, key, value);
  }
}

/** A venue with an order, and a process with a brake. */
async function braked(orderId = deriveId('order', 1)) {
  const world = new World();
  await world.venue.submit(terms(orderId));
  const { clock, log, venue } = world;
  const kv = new FlakyKv(clock);
  const switches = new KillSwitches({ kv, clock });
  const brake = new KillBrake({ clock, log, venue, meter: nullMeter }, 'paper', switches);
  return { world, venue, clock, kv, switches, brake, orderId };
}

const working = (orderId: string): Order => ({
  ...newOrder(terms(orderId), at(1)),
  state: 'accepted',
});

describe('a hard kill', () => {
  it('cancels what its owner knows at once, before it is stored, and what only the venue knows', async () => {
    const { venue, kv, switches, brake, orderId } = await braked('known');
    const onlyThere = deriveId('order', 2);
    await venue.submit(terms(onlyThere));
    const state = new AccountState();
    state.put(working(orderId));
    const cancelsTaken = new Set<string>();
    brake.attach({ state, cancelsTaken });
    kv.isDown = true;
    void switches.set('paper', HARD);
    expect(venue.cancels).toEqual(['known']);
    await drained();
    expect(venue.cancels).toEqual(['known', onlyThere]);
    expect([...cancelsTaken].sort()).toEqual(['known', onlyThere].sort());
  });

  it('does not wait for a send that is under way', async () => {
    const world = new World();
    world.slice(1, [terms('works', { symbol: 'QQQ' })]);
    await world.run();
    world.slice(2, [terms('slow', { expiresAtUs: at(3) })]);
    let cancelledDuring = false;
    const submit = world.venue.submit.bind(world.venue);
    world.venue.submit = async (order) => {
      await world.setSwitch('hard');
      await drained();
      cancelledDuring = world.venue.cancels.includes('works');
      return submit(order);
    };
    await world.run();
    expect(cancelledDuring).toBe(true);
    expect(world.venue.cancels).toContain('slow');
  });

  it('leaves the orders alone that flatten, and those of others unless it is told otherwise', async () => {
    const { venue, switches, brake, orderId } = await braked();
    await venue.submit(terms('by hand'));
    const state = new AccountState();
    state.flattening = { sinceUs: at(1), round: 1, orderIds: [orderId] };
    state.put(working(orderId));
    brake.attach({ state, cancelsTaken: new Set() });
    await switches.set('paper', HARD);
    await drained();
    expect(venue.cancels).toEqual([]);
    await switches.set('paper', { ...HARD, foreign: true });
    await drained();
    expect(venue.cancels).toEqual(['by hand']);
  });

  it('takes an exit that the venue made of an order of ours for ours, whatever id it has there', async () => {
    const { venue, switches } = await braked();
    await venue.submit(terms('drawn'));
    const open = venue.openOrders.bind(venue);
    venue.openOrders = async () =>
      (await open()).map((one) =>
        one.orderId === 'drawn'
          ? { ...one, exitOf: { orderId: deriveId('order', 'entry'), leg: 1 } }
          : one,
      );
    await switches.set('paper', HARD);
    await drained();
    expect(venue.cancels).toContain('drawn');
  });

  it('that nobody else can know of is seen through: again until the venue has nothing open', async () => {
    const { venue, clock, kv, switches, orderId } = await braked();
    kv.isDown = true;
    venue.down = true;
    void switches.set('paper', HARD);
    await clock.advance(LIMITS.retryMaxMs);
    expect(venue.cancels).toEqual([]);
    venue.down = false;
    await clock.advance(LIMITS.retryMaxMs);
    expect(venue.cancels).toEqual([orderId]);
    const late = deriveId('order', 3);
    await venue.submit(terms(late));
    await clock.advance(LIMITS.retryMaxMs);
    const calls = venue.cancels.length;
    await clock.advance(10 * LIMITS.retryMaxMs);
    expect(venue.cancels).toHaveLength(calls);
  });

  it('that only its owner knows of is seen through also when that owner is gone', async () => {
    const { world, venue, clock, kv, switches, brake } = await braked();
    const detach = brake.attach({ state: new AccountState(), cancelsTaken: new Set() });
    kv.isDown = true;
    void switches.set('paper', HARD);
    await drained();
    detach();
    const late = deriveId('order', 2);
    await venue.submit(terms(late));
    await clock.advance(LIMITS.retryMaxMs);
    expect(venue.cancels).toContain(late);
    const alarms = world.log.lines.filter(({ level }) => level === 'error');
    expect(alarms.map(({ message }) => message)).toEqual([
      'hard kill: the bus is away: orders are cancelled, and flattening waits for it',
    ]);
  });

  it('that was lifted, or whose process ends, is not seen through', async () => {
    for (const end of ['lifted', 'closed'] as const) {
      const { venue, clock, switches, brake } = await braked();
      venue.down = true;
      await switches.set('paper', HARD);
      if (end === 'lifted') await switches.set('paper', { ...HARD, mode: 'off' });
      else brake.close();
      venue.down = false;
      await clock.advance(10 * LIMITS.retryMaxMs);
      expect(venue.cancels).toEqual([]);
    }
  });

  it('gives back a cancel that the venue did not take, so that its owner asks again', async () => {
    const { venue, switches, brake, orderId } = await braked();
    const state = new AccountState();
    state.put(working(orderId));
    const cancelsTaken = new Set<string>();
    const detach = brake.attach({ state, cancelsTaken });
    venue.cancel = () => Promise.reject(portErrors.venueTimeout('no answer'));
    await switches.set('paper', HARD);
    await drained();
    expect(cancelsTaken.size).toBe(0);
    detach();
    expect(brake.lastKnown).toBe(state);
  });
});

it('a soft kill cancels nothing', async () => {
  const { venue, switches } = await braked();
  await switches.set('paper', { ...HARD, mode: 'soft' });
  await drained();
  expect(venue.cancels).toEqual([]);
});
