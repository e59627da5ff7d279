import {
  type Exits,
  isTerminal,
  type Order,
  type OrderTerms,
  orderId,
  priceNanos,
  quantity,
} from '@capstan/domain';
import { HoldingVenue } from './test-holding-venue.ts';
import { at, terms, World } from './test-world.ts';

export const dollars = (price: number) => priceNanos(Math.round(price * 1_000_000_000));
export const bracket = { stopPriceNanos: dollars(95), takeProfitPriceNanos: dollars(110) };
/** The id of an exit of `a`. */
export const legOf = (leg: number, attempt = 1) => orderId({ intentId: 'intent-a', leg, attempt });
export const [STOP, TARGET] = [legOf(1), legOf(2)];
/** The first of those that are placed for what is held. */
export const [STOP_LATER, TARGET_LATER] = [legOf(1, 1_001), legOf(2, 1_001)];

export type Exchange = World<HoldingVenue>;

/** A world whose venue has taken an entry `a` of ten. */
export async function entered(exits: Exits = bracket): Promise<Exchange> {
  const world = new World(new HoldingVenue());
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a', { exits })]);
  await world.run();
  return world;
}

/** A world that holds these ten. @param isLate true where its venue tells of their exits only with what comes next of them. */
export async function held(exits: Exits = bracket, { isLate = false } = {}): Promise<Exchange> {
  const world = await entered(exits);
  world.venue.isLate = isLate;
  world.venue.fill('a', 10);
  await world.run();
  return world;
}

/** Closes a minute with a low and a high, and with it the slice. */
export async function minute(
  world: World,
  number: number,
  [low, high]: readonly [low: number, high: number] = [100, 101],
  orders: readonly OrderTerms[] = [],
): Promise<void> {
  await world.bar(number, dollars(low), dollars(high));
  world.venue.nowUs = at(number);
  world.slice(number, orders);
  await world.run();
}

/** An order of the same bot that closes the ten. */
export const closing = (number: number, of: Partial<OrderTerms> = {}): OrderTerms =>
  terms(`close-${number}`, {
    ...{ side: 'sell', reducing: true, quantity: quantity(10) },
    ...{ decidedAtUs: at(number), expiresAtUs: at(number + 1), ...of },
  });

/** The orders that have not ended. */
export const working = async (world: World): Promise<readonly Order[]> =>
  (await world.store.orders({ limit: 99 })).filter(({ state }) => !isTerminal(state));

/** Tells whether an entry's guard rests; `undefined` where there is none. */
export const rests = async (world: World, entryOrderId = 'a'): Promise<boolean | undefined> => {
  const guard = (await world.state()).guards.find((one) => one.entryOrderId === entryOrderId);
  return guard === undefined ? undefined : (guard.rests ?? false);
};
