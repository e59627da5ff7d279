import { cashMicros, priceNanos, quantity, type VenueActivity } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bracket, dollars, type Exchange, held, minute, working } from './test-held-world.ts';
import { at, type Crash } from './test-world.ts';

/** The last minute of a day, when a split is dated, the night, and the first minute of the next session. */
const [CLOSE, DATED, NIGHT, OPEN] = [390, 570, 1_110, 1_441];

/** What happens between one session and the next, in the order in which it is drawn. */
const HAPPENINGS = ['shares', 'exits', 'owner'] as const;

const night = fc.record({
  ratio: fc.constantFrom([2, 1], [3, 1], [3, 2], [4, 1], [1, 2], [1, 5], [1, 10]),
  /** What the venue does with exits that stand. */
  exits: fc.constantFrom('restates', 'cancels', 'keepsPrices'),
  order: fc.shuffledSubarray([...HAPPENINGS], { minLength: HAPPENINGS.length }),
  /** How the price has moved in that night beside the split. */
  move: fc.integer({ min: 97, max: 104 }),
  /** After so many minutes of the session it is booked. */
  minutes: fc.integer({ min: 0, max: 3 }),
  /** True where the exits had ended before, so that they are watched. */
  isWatched: fc.boolean(),
  crash: fc.option(
    fc.record({
      call: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    { nil: undefined },
  ),
});

/** Splits what stands at the venue, as it does. */
function splitExits({ venue }: Exchange, [newShares, oldShares]: readonly number[], how: string) {
  const factor = (newShares ?? 1) / (oldShares ?? 1);
  for (const { terms } of venue.working()) {
    const placed = venue.placed(terms.orderId);
    if (placed === undefined || how === 'cancels') {
      venue.end(terms.orderId);
      continue;
    }
    const by = how === 'restates' ? factor : 1;
    const { orderId, limitPriceNanos: limit, stopPriceNanos: stop } = terms;
    const to = {
      quantity: quantity(terms.quantity * factor),
      ...(limit === undefined ? {} : { limitPriceNanos: priceNanos(Math.round(limit / by)) }),
      ...(stop === undefined ? {} : { stopPriceNanos: priceNanos(Math.round(stop / by)) }),
    };
    placed.terms = { ...terms, ...to };
    venue.emit({ kind: 'replaced', orderId, count: 1, ...to });
  }
}

const splitOf = ([newShares = 1, oldShares = 1]: readonly number[]): VenueActivity => ({
  ...{ activityId: 'S1', accountId: 'paper', eventAtUs: at(DATED), kind: 'split' },
  ...{ symbol: 'SPY', newShares, oldShares, closeNanos: dollars(100) },
  fractionMicros: cashMicros(0),
});

/** A day on which ten are held and protected; where they are watched, no exit is taken for what is held. */
async function dayOf(isWatched: boolean): Promise<Exchange> {
  const world = await held();
  if (isWatched) {
    world.venue.capabilities = { ...world.venue.capabilities, exitsLater: false };
    for (const { orderId } of await working(world)) world.venue.end(orderId);
  }
  await minute(world, 2, [99, 101]);
  await minute(world, CLOSE, [100, 100]);
  return world;
}

async function pass(
  world: Exchange,
  of: {
    readonly order: readonly string[];
    readonly exits: string;
    readonly ratio: readonly number[];
  },
  crash: Crash | undefined,
): Promise<void> {
  const [newShares = 1, oldShares = 1] = of.ratio;
  world.venue.nowUs = at(NIGHT);
  for (const what of of.order) {
    if (what === 'shares') world.venue.foreign.set('SPY', (10 * newShares) / oldShares - 10);
    else if (what === 'exits') splitExits(world, of.ratio, of.exits);
    else {
      await world.run(crash);
      await world.run();
    }
  }
}

it('a split overnight closes nothing, whatever the venue does and whoever dies, and what is held is protected by its terms', async () => {
  await fc.assert(
    fc.asyncProperty(night, async (of) => {
      const { ratio, move, minutes, isWatched, crash } = of;
      const [newShares = 1, oldShares = 1] = ratio;
      const amount = (10 * newShares) / oldShares;
      fc.pre(Number.isInteger(amount));
      const world = await dayOf(isWatched);
      await pass(world, of, crash);
      const price = (move * oldShares) / newShares;
      const bar = [price, price] as const;
      for (let number = 0; number < minutes; number += 1) await minute(world, OPEN + number, bar);
      expect(world.venue.arrivals).toEqual(['a']);
      await world.command('BookActivity', { activity: splitOf(ratio) });
      for (const number of [4, 5, 6]) await minute(world, OPEN + number, bar);
      expect(world.venue.heldIn('SPY')).toBe(amount);
      const [guard] = (await world.state()).guards;
      expect(guard?.rests ?? false).toBe(!isWatched);
      const stop = Math.round((bracket.stopPriceNanos * oldShares) / newShares);
      expect(guard?.exits.stopPriceNanos).toBe(stop);
      const open = await working(world);
      expect(open.map((order) => order.quantity)).toEqual(isWatched ? [] : [amount, amount]);
      const stops = open.filter(({ type }) => type === 'stop');
      expect(stops.map((order) => order.stopPriceNanos)).toEqual(isWatched ? [] : [stop]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

it('a fall overnight closes what is held, once', async () => {
  await fc.assert(
    fc.asyncProperty(night, fc.integer({ min: 2, max: 95 }), async ({ crash }, low) => {
      const world = await dayOf(true);
      await world.bar(OPEN, dollars(low));
      world.venue.nowUs = at(OPEN);
      world.slice(OPEN, []);
      await world.run(crash);
      await world.run();
      const [close, ...more] = await working(world);
      expect(close).toMatchObject({ side: 'sell', type: 'market', quantity: 10 });
      expect(more).toEqual([]);
    }),
    { numRuns: 30 },
  );
}, 60_000);
