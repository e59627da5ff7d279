import {
  cashMicros,
  type Fill,
  type Order,
  priceNanos,
  quantity,
  standingFills,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { at, terms, World } from './test-world.ts';

const ORDERS = ['a', 'b'] as const;
const QUANTITY = 10;
const noFee = cashMicros(0);

/** A word before it has its place in the venue's sequence. */
type Said = VenueEvent extends infer Event
  ? Event extends VenueEvent
    ? Omit<Event, 'sequence'>
    : never
  : never;

interface Plan {
  readonly parts: readonly { readonly amount: number; readonly words: readonly number[] }[];
  readonly end: 'cancelled' | 'expired' | 'works';
  readonly refusals: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  parts: fc.array(
    fc.record({
      amount: fc.integer({ min: 1, max: 4 }),
      // Above 0 a correction to that quantity; 0 a bust, after which nothing more is said.
      words: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
    }),
    { maxLength: 4 },
  ),
  end: fc.constantFrom('cancelled', 'expired', 'works'),
  refusals: fc.nat(1),
});

/** Tells an order's plan as a venue would, which never fills more than was ordered. */
function history(orderId: string, { parts, end, refusals }: Plan): readonly Said[] {
  let second = 0;
  const head = () => {
    second += 1;
    return { accountId: 'paper', orderId, eventAtUs: timeUs(at(1) + second * 1_000_000) };
  };
  const said: Said[] = [{ ...head(), kind: 'accepted', venueOrderId: `X-${orderId}` }];
  let executed = 0;
  for (const [index, { amount, words }] of parts.entries()) {
    if (executed + amount > QUANTITY) break;
    executed += amount;
    const executionId = `${orderId}-${index}`;
    const figures = (lots: number) => ({
      executionId,
      quantity: quantity(lots),
      priceNanos: priceNanos((100 + index) * 1_000_000_000),
      feeMicros: noFee,
    });
    said.push({ ...head(), kind: 'filled', ...figures(amount) });
    for (const word of words) {
      if (word === 0) {
        said.push({ ...head(), kind: 'busted', executionId });
        break;
      }
      said.push({ ...head(), kind: 'corrected', ...figures(word) });
    }
  }
  for (let refusal = 0; refusal < refusals; refusal += 1) {
    said.push({ ...head(), kind: 'cancelRejected', reason: 'no' });
  }
  if (executed === QUANTITY || end === 'works') return said;
  return [
    ...said,
    end === 'cancelled'
      ? { ...head(), kind: 'cancelled', reason: 'as asked' }
      : { ...head(), kind: 'expired' },
  ];
}

const numbered = (said: readonly Said[]): readonly VenueEvent[] =>
  said.map((one, index) => ({ ...one, sequence: index + 1 }) as VenueEvent);

/** A world with both orders sent; the venue has said nothing of them yet. */
async function sent(): Promise<World> {
  const world = new World();
  world.venue.silent = true;
  world.venue.nowUs = at(1);
  world.slice(
    1,
    ORDERS.map((orderId) => terms(orderId, { quantity: quantity(QUANTITY) })),
  );
  await world.run();
  world.venue.events.splice(0);
  return world;
}

async function ending(world: World) {
  const orders = await Promise.all(ORDERS.map((orderId) => world.order(orderId)));
  const fills = await world.store.fillsAfter('paper', 0, 1_000);
  expect(fills.map((fill) => fill.accountSequence)).toEqual(fills.map((_, index) => index + 1));
  const standing = standingFills(fills);
  const plain = ({ accountSequence: _sequence, eventAtUs: _at, ...fill }: Fill) => fill;
  const bare = ({ version: _version, updatedAtUs: _updated, ...order }: Order) => order;
  return {
    orders: orders.map(bare),
    fills: standing.map(plain).sort((x, y) => (x.fillId < y.fillId ? -1 : 1)),
    held: standing.reduce((sum, fill) => sum + fill.quantity, 0),
  };
}

it('ends in the same orders, fills and position in whatever order the words come, also again', async () => {
  await fc.assert(
    fc.asyncProperty(plan, plan, fc.gen(), async (a, b, gen) => {
      const said = [...history('a', a), ...history('b', b)];
      const again = gen(fc.subarray, said);
      const mixed = gen(fc.shuffledSubarray, [...said, ...again], {
        minLength: said.length + again.length,
      });
      const [straight, jumbled] = [await sent(), await sent()];
      straight.venue.events.push(...numbered(said));
      jumbled.venue.events.push(...numbered(mixed));
      for (const world of [straight, jumbled]) {
        world.venue.silent = false;
        expect((await world.run()).kind).toBe('idle');
      }
      expect(await ending(jumbled)).toEqual(await ending(straight));
    }),
    { numRuns: 150 },
  );
});

it('ends in the same whatever the stream drops, doubles and mixes up on the way', async () => {
  await fc.assert(
    fc.asyncProperty(plan, plan, fc.integer({ min: 1, max: 4 }), fc.gen(), async (a, b, n, gen) => {
      const replaced: Said = {
        ...{ accountId: 'paper', orderId: 'a', eventAtUs: timeUs(at(2)), kind: 'replaced' },
        ...{ count: 1, quantity: quantity(QUANTITY + 5) },
      };
      const events = numbered([replaced, ...history('a', a), ...history('b', b)]);
      const [straight, rough] = [await sent(), await sent()];
      for (const world of [straight, rough]) world.venue.events.push(...events);
      for (let life = 0; life < n; life += 1) {
        const some = gen(fc.shuffledSubarray, [...events, ...events]);
        rough.onCall = (name) => {
          if (name !== 'venue.updates') return;
          queueMicrotask(() => {
            rough.venue.silent = false;
            rough.venue.tell(...some.map((event) => ({ kind: 'event', event }) as const));
            rough.venue.silent = true;
          });
        };
        await rough.run();
      }
      rough.onCall = () => undefined;
      for (const world of [straight, rough]) {
        world.venue.silent = false;
        expect((await world.run()).kind).toBe('idle');
      }
      expect(await ending(rough)).toEqual(await ending(straight));
    }),
    { numRuns: 60 },
  );
});
