import { parseCash, parsePrice, type TimeUs, timeUs } from '@capstan/domain';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { expect, it } from 'vitest';
import { at, fillOf, RiskWorld, sliceOf } from './risk-world.fixture.ts';

const LIMITS = { ...DEFAULT_LIMITS, maxDailyLossMicros: parseCash('5') };
const NEXT_DAY = timeUs(at(0) + 86_400_000_000);

const marked = (price: string, barEndUs: TimeUs) => ({
  marks: ['AAA', 'BBB'].map((symbol) => ({ symbol, priceNanos: parsePrice(price), barEndUs })),
});

/** Ten shares bought at 100, then a price, a restart where it is wanted, and a lower one with an order that adds. */
async function fall(restarts: boolean): Promise<RiskWorld> {
  const world = await RiskWorld.start({ limits: LIMITS, venueReportsSlices: false });
  await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
  const order = world.approved()[0]?.orders[0];
  if (order === undefined) throw new Error('nothing was approved');
  await world.hearFills({ fills: [fillOf(order, 1)] });
  await world.say(sliceOf('a', at(1), [], marked('99.70', at(1))));
  if (restarts) await world.restart();
  await world.say(sliceOf('a', at(2), [['BBB', 'long']], marked('99.40', at(2))));
  return world;
}

const policies = (world: RiskWorld) =>
  world.denied().flatMap((one) => one.denials.map(({ policy }) => policy));

it.each([false, true])(
  'a day loses from the equity that it began with (restarted in the middle: %s), until the next day',
  async (restarts) => {
    const world = await fall(restarts);
    expect(policies(world)).toEqual(['daily-loss']);
    if (restarts) await world.restart();
    world.nowUs = NEXT_DAY;
    const before = world.approved().flatMap(({ orders }) => orders).length;
    await world.say(sliceOf('a', NEXT_DAY, [['BBB', 'long']], marked('99.40', NEXT_DAY)));
    expect(policies(world)).toEqual(['daily-loss']);
    expect(world.approved().flatMap(({ orders }) => orders)).toHaveLength(before + 1);
  },
);
