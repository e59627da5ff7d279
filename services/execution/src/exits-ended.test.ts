import { describe, expect, it } from 'vitest';
import { type Exchange, held, legOf, minute, rests, STOP, working } from './test-held-world.ts';
import type { HoldingVenue } from './test-holding-venue.ts';

/** A world whose venue takes exits for what is held, and ends them at once. */
async function ending(): Promise<Exchange> {
  const world = await held();
  world.venue.end(STOP);
  await world.run();
  const { emit } = world.venue;
  world.venue.emit = (detail) => {
    emit.call(world.venue, detail);
    if (detail.kind === 'accepted') queueMicrotask(() => world.venue.end(detail.orderId));
  };
  return world;
}

const told = ({ log }: Exchange) =>
  log.lines.filter(({ message }) => message.startsWith('the venue keeps no exits'));

/** Ends by hand what stands. */
async function end(world: Exchange): Promise<void> {
  for (const { orderId } of await working(world)) world.venue.end(orderId);
  await world.run();
}

describe('exits that are placed for what is held and ended by the venue at once', () => {
  it('are placed ever more seldom, and that is told once', async () => {
    const world = await ending();
    for (let number = 2; number <= 40; number += 1) await minute(world, number);
    const tried = world.venue.arrivals.slice(1);
    expect(tried).toEqual([1, 2, 3, 4, 5, 6].map((round) => legOf(2, 1_000 * round + 1)));
    expect(await rests(world)).toBe(false);
    expect(told(world)).toHaveLength(1);
  });

  it('are placed as at first once some have stood for longer than they were waited for', async () => {
    const world = await ending();
    for (let number = 2; number <= 5; number += 1) await minute(world, number);
    const { emit } = Object.getPrototypeOf(world.venue) as HoldingVenue;
    world.venue.emit = emit;
    for (let number = 6; number <= 18; number += 1) await minute(world, number);
    expect(await rests(world)).toBe(true);
    const { length } = world.venue.arrivals;
    for (const number of [19, 20]) {
      await end(world);
      await minute(world, number);
    }
    expect(world.venue.arrivals).toHaveLength(length + 2);
    expect(await rests(world)).toBe(true);
  });

  it('are placed as soon as ever where we ended them', async () => {
    const world = await held();
    await end(world);
    for (let number = 2; number <= 7; number += 1) {
      await minute(world, number);
      expect(await rests(world)).toBe(true);
      const [exit] = await working(world);
      await world.command('CancelOrder', { orderId: exit?.orderId });
      expect(await rests(world)).toBe(false);
    }
    expect(told(world)).toEqual([]);
  });
});
