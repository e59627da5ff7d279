import {
  cashMicros,
  type OrderState,
  priceNanos,
  quantity,
  type VenueEvent,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type Detail, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const NO_FEE = cashMicros(0);
const filled = (amount: number, executionId = `E${amount}`, price = PRICE): Detail => ({
  ...{ kind: 'filled', orderId: 'a', executionId, feeMicros: NO_FEE },
  ...{ quantity: quantity(amount), priceNanos: price },
});
const corrected = (amount: number, executionId: string): Detail => ({
  ...{ kind: 'corrected', orderId: 'a', executionId, feeMicros: NO_FEE },
  ...{ quantity: quantity(amount), priceNanos: PRICE },
});
const busted = (executionId: string): Detail => ({ kind: 'busted', orderId: 'a', executionId });
const cancelled: Detail = { kind: 'cancelled', orderId: 'a', reason: 'as asked' };
const expired: Detail = { kind: 'expired', orderId: 'a' };
const accepted: Detail = { kind: 'accepted', orderId: 'a', venueOrderId: 'X1' };
const cancelRejected: Detail = { kind: 'cancelRejected', orderId: 'a', reason: 'it has filled' };
const replaced: Detail = { kind: 'replaced', orderId: 'a', count: 1, quantity: quantity(10) };
const foreign = { ...filled(5), orderId: 'somebody' } as Detail;

interface Case {
  readonly name: string;
  readonly events: readonly Detail[];
  readonly state: OrderState;
  readonly held: number;
  /** Kinds of the entries journaled. */
  readonly fills: string;
  /** Why what was set aside was. */
  readonly aside?: readonly RegExp[];
}

const CASES: readonly Case[] = [
  {
    ...{ name: 'a fill after the cancel', events: [filled(4), cancelled, filled(6)] },
    ...{ state: 'cancelled', held: 10, fills: 'fill fill' },
  },
  {
    ...{ name: 'a fill after the expiry', events: [expired, filled(3)] },
    ...{ state: 'expired', held: 3, fills: 'fill' },
  },
  {
    ...{ name: 'a cancel that is refused, as the order has filled' },
    ...{ events: [filled(10), cancelRejected], state: 'filled', held: 10, fills: 'fill' },
  },
  {
    ...{ name: 'a refusal of the cancel before the fill that it speaks of' },
    ...{ events: [cancelRejected, filled(10)], state: 'filled', held: 10, fills: 'fill' },
  },
  {
    ...{ name: 'a fill by the old price before the new one stands' },
    ...{ events: [filled(4, 'E1'), replaced, filled(6, 'E2', priceNanos(99_000_000_000))] },
    ...{ state: 'filled', held: 10, fills: 'fill fill' },
  },
  {
    ...{ name: 'an acceptance after the fills', events: [filled(10), accepted] },
    ...{ state: 'filled', held: 10, fills: 'fill' },
  },
  {
    ...{ name: 'everything twice' },
    ...{ events: [accepted, filled(4), filled(4), filled(6), filled(6), accepted] },
    ...{ state: 'filled', held: 10, fills: 'fill fill' },
    aside: [/told before/, /told before/],
  },
  {
    ...{ name: 'a bust, and again', events: [filled(4), busted('E4'), busted('E4')] },
    ...{ state: 'accepted', held: 0, fills: 'fill bust', aside: [/was busted before/] },
  },
  {
    ...{ name: 'a bust before its fill', events: [busted('E4'), filled(4), filled(6)] },
    ...{ state: 'filled', held: 6, fills: 'fill bust fill', aside: [/was not told yet/] },
  },
  {
    ...{ name: 'a bust after the last fill', events: [filled(4), filled(6), busted('E4')] },
    ...{ state: 'filled', held: 6, fills: 'fill fill bust' },
  },
  {
    ...{ name: 'a correction after the end', events: [filled(4), cancelled, corrected(3, 'E4')] },
    ...{ state: 'cancelled', held: 3, fills: 'fill correction' },
  },
  {
    ...{ name: 'a correction before its fill, and again' },
    ...{ events: [corrected(3, 'E4'), filled(4), corrected(3, 'E4'), filled(6)] },
    ...{ state: 'filled', held: 9, fills: 'fill correction fill' },
    aside: [/was not told yet/, /this very one/],
  },
  {
    ...{ name: 'a correction of what was busted', events: [filled(4), busted('E4')] },
    ...{ state: 'accepted', held: 0, fills: 'fill bust' },
  },
  {
    ...{ name: 'more than was ordered', events: [filled(8), filled(7)] },
    ...{ state: 'filled', held: 15, fills: 'fill fill' },
  },
  {
    ...{ name: 'a fill of an order that is not ours', events: [foreign, filled(10)] },
    ...{ state: 'filled', held: 10, fills: 'fill', aside: [/no order of ours/] },
  },
];

async function told(events: readonly Detail[]): Promise<World> {
  const world = new World();
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a')]);
  await world.run();
  for (const event of events) world.venue.emit(event);
  await world.run();
  return world;
}

describe('the venue tells late, early or again', () => {
  it.each(CASES)('$name', async ({ events, state, held, fills, aside = [] }) => {
    const world = await told(events);
    expect(await world.order('a')).toMatchObject({
      state,
      filledQuantity: held,
      venueOrderId: 'X1',
    });
    const entries = await world.store.fillsAfter('paper', 0, 100);
    expect(entries.map((entry) => entry.kind).join(' ')).toBe(fills);
    expect(entries.map((entry) => entry.accountSequence)).toEqual(entries.map((_, i) => i + 1));
    const strays = [...(await world.store.strays({ accountId: 'paper', limit: 9 }))];
    expect(strays).toHaveLength(aside.length);
    strays.sort((a, b) => a.sequence - b.sequence);
    for (const [index, why] of aside.entries()) expect(strays[index]?.why).toMatch(why);
    const { kind } = await world.run();
    expect(kind).toBe('idle');
    expect(await world.store.fillsAfter('paper', 0, 100)).toEqual(entries);
  });
});

it('a fill of an order that is not ours is kept with its figures, and people hear of it', async () => {
  const world = await told([foreign, { kind: 'accepted', orderId: 'b', venueOrderId: 'X9' }]);
  const strays = await world.store.strays({ accountId: 'paper', limit: 9 });
  const fill = strays.find((stray) => stray.kind === 'filled') as unknown as VenueEvent;
  expect(fill).toMatchObject({
    ...{ accountId: 'paper', orderId: 'somebody', isForeign: true, sequence: 2 },
    ...{ executionId: 'E5', quantity: 5, priceNanos: PRICE, eventAtUs: at(1) },
  });
  expect(strays.map((stray) => stray.isForeign)).toEqual([true, true]);
  const lines = world.log.lines.filter((line) => line.message === 'set a venue event aside');
  expect(lines.map((line) => line.level).sort()).toEqual(['error', 'warn']);
});

it('a word that came before its execution is remembered by the next owner', async () => {
  const world = await told([busted('E4')]);
  world.venue.emit(filled(4));
  await world.run();
  const entries = await world.store.fillsAfter('paper', 0, 100);
  expect(entries.map((entry) => entry.kind)).toEqual(['fill', 'bust']);
  expect(await world.order('a')).toMatchObject({ filledQuantity: 0, executedQuantity: 4 });
});
