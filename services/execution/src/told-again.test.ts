import { quantity, timeUs, type VenueEvent, ZERO_CASH } from '@capstan/domain';
import type { VenuePast, VenueUpdates } from '@capstan/ports';
import { portErrors } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CAREFUL, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

/** A world whose venue numbers nothing: each opening tells all that it likes again, under numbers of its own. */
class UnnumberedWorld extends World {
  /** What each opening was given. */
  readonly pasts: (VenuePast | undefined)[] = [];
  /** Picks what an opening tells again. */
  again: (event: VenueEvent) => boolean = () => true;

  constructor() {
    super();
    this.venue.capabilities = { ...CAREFUL, numbersEvents: false };
    this.venue.updates = async (_accountId, afterSequence, past) => {
      this.pasts.push(past);
      const events = this.venue.events.filter(this.again);
      return told(
        events.map((event, index) => ({ ...event, sequence: afterSequence + 3 * (index + 1) })),
      );
    };
  }
}

/** Tells events in one piece, and then nothing until it is closed. */
function told(events: readonly VenueEvent[]): VenueUpdates {
  let left = events.map((event) => ({ kind: 'event', event }) as const);
  let end: () => void = () => undefined;
  const closed = new Promise<readonly []>((resolve) => {
    end = () => resolve([]);
  });
  return {
    next: () => {
      const batch = left;
      left = [];
      return batch.length > 0 ? Promise.resolve(batch) : closed;
    },
    close: () => Promise.resolve(end()),
  };
}

/** Two orders of ours and one of somebody else, filled in parts and ended. */
async function traded(): Promise<UnnumberedWorld> {
  const world = new UnnumberedWorld();
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a'), terms('b', { symbol: 'QQQ' })]);
  await world.run();
  await world.venue.submit(terms('somebody'));
  world.venue.nowUs = at(2);
  world.venue.fill('a', 4, 'a:4');
  world.venue.fill('somebody', 3, 's:3');
  world.venue.fill('a', 6, 'a:10');
  world.venue.fill('b', 2, 'b:2');
  return world;
}

const factsOf = async (world: World) => ({
  orders: (await world.store.orders({ accountId: 'paper', limit: 9 })).map(
    ({ orderId, state, filledQuantity }) => [orderId, state, filledQuantity],
  ),
  fills: (await world.store.fillsAfter('paper', 0, 99)).map(({ fillId }) => fillId).sort(),
  strays: (await world.store.strays({ accountId: 'paper', limit: 99 }))
    .flatMap(({ executionId }) => executionId ?? [])
    .sort(),
});

it('is told what working orders there are and until when events were taken', async () => {
  const world = await traded();
  expect(world.pasts[0]).toMatchObject({ working: [] });
  expect(world.pasts[0]?.eventAtUs).toBeUndefined();
  await world.run();
  await world.run();
  const past = world.pasts.at(-1);
  expect(past?.eventAtUs).toBe(at(2));
  expect(past?.working.map(({ orderId }) => orderId)).toEqual(['b']);
});

it('takes what a venue without numbers tells again, in gaps and from any owner, as if once', async () => {
  const once = await traded();
  await once.run();
  const facts = await factsOf(once);
  expect(facts.fills).toEqual(['a:10', 'a:4', 'b:2']);
  expect(facts.strays).toEqual(['s:3']);
  const openings = fc.array(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(openings, async (picks) => {
      const world = await traded();
      for (const pick of picks) {
        world.again = ({ sequence }) => pick[sequence % pick.length] ?? true;
        await world.run();
      }
      world.again = () => true;
      await world.run();
      await world.run();
      expect(await factsOf(world)).toEqual(facts);
    }),
    { numRuns: 40 },
  );
});

it('opens a stream at the start, and hears of events by their time alone', async () => {
  const world = await traded();
  await world.run();
  world.venue.nowUs = timeUs(at(3));
  world.venue.fill('b', 8, 'b:10');
  await world.run();
  await world.run();
  expect(world.pasts.at(-1)).toMatchObject({ eventAtUs: at(3), working: [] });
});

it('does not take a word on an execution for that execution, over a restart', async () => {
  const world = new UnnumberedWorld();
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a')]);
  await world.run();
  const of = { quantity: quantity(3), priceNanos: PRICE, feeMicros: ZERO_CASH };
  world.venue.emit({ kind: 'corrected', orderId: 'a', executionId: 'a:4', ...of });
  await world.run();
  world.venue.fill('a', 4, 'a:4');
  world.again = ({ kind }) => kind === 'filled';
  await world.run();
  expect((await factsOf(world)).fills).toContain('a:4');
  expect(await world.order('a')).toMatchObject({ filledQuantity: 3 });
});

it('asks what has become of an order that was given up and came back, which may end unheard', async () => {
  const world = new UnnumberedWorld();
  world.venue.capabilities = { ...world.venue.capabilities, enforcesClientOrderId: false };
  world.venue.nowUs = at(1);
  world.venue.doings.push('lost');
  world.slice(1, [terms('lost')]);
  await world.run();
  expect(await world.order('lost')).toMatchObject({ state: 'rejected' });
  world.venue.cancel = () => Promise.reject(portErrors.venueTimeout('no answer'));
  await world.venue.submit(terms('lost'));
  await world.run();
  await world.run();
  expect(world.pasts.at(-1)?.working.map(({ orderId }) => orderId)).toEqual(['lost']);
});
