import { decodeFillEvent, ledgerEntriesOf, subjects } from '@capstan/contracts';
import {
  AccountLedger,
  cashMicros,
  priceNanos,
  quantity,
  type VenueActivity,
} from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import { drained } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { MUTE, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const HEAD = { activityId: 'A1', accountId: 'paper', eventAtUs: at(3) };
const split = (newShares: number, oldShares: number): VenueActivity => ({
  ...{ ...HEAD, kind: 'split', symbol: 'SPY', newShares, oldShares },
  ...{ closeNanos: PRICE, fractionMicros: cashMicros(0) },
});
const dividend = (amountMicros: number, of: object = {}): VenueActivity => ({
  ...{ ...HEAD, kind: 'dividend', symbol: 'SPY', amountMicros: cashMicros(amountMicros) },
  ...of,
});

/** A world in which `trend` holds ten SPY and `other` is short of four. */
async function holding(): Promise<World> {
  const world = new World();
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a'), terms('b', { botId: 'other', side: 'sell' })]);
  await world.run();
  world.venue.fill('a', 10, 'E1');
  world.venue.fill('b', 4, 'E2');
  await world.run();
  return world;
}

const book = (world: World, activity: VenueActivity) => world.command('BookActivity', { activity });
const entries = async (world: World) =>
  (await world.store.entriesAfter('paper', 2, 100)).map((entry) =>
    'amountMicros' in entry ? [entry.botId, entry.kind, entry.amountMicros] : entry.kind,
  );

describe('an activity of the venue', () => {
  it('that is cash is booked to the house, once, in the account’s sequence, and told', async () => {
    const world = await holding();
    const interest: VenueActivity = {
      ...{ ...HEAD, kind: 'interest', amountMicros: cashMicros(5) },
    };
    expect(await book(world, interest)).toMatchObject({ state: 'done' });
    const again = await world.command('BookActivity', { activity: interest, again: true });
    expect(again).toMatchObject({ state: 'done', result: 'it was booked before.' });
    expect(await entries(world)).toEqual([[HOUSE, 'interest', 5]]);
    expect((await world.store.entriesAfter('paper', 2, 9))[0]?.accountSequence).toBe(3);
    const told = (await world.store.outbox('execution/paper', 0, 1_000))
      .filter(({ subject }) => subject === subjects.fill('paper'))
      .flatMap(({ data }) => ledgerEntriesOf(decodeFillEvent(data)));
    expect(told.map(({ accountSequence }) => accountSequence)).toEqual([1, 2, 3]);
  });

  it('that is a dividend goes to who held the shares: long is credited, short debited', async () => {
    const world = await holding();
    const perUnitNanos = priceNanos(500_000_000);
    await book(world, dividend(3_000_001, { perUnitNanos }));
    expect(await entries(world)).toEqual([
      ['other', 'dividend', -2_000_000],
      ['trend', 'dividend', 5_000_000],
      [HOUSE, 'dividend', 1],
    ]);
  });

  it('that is a dividend goes to who held before the ex-date, or before the venue’s own place for it', async () => {
    for (const place of [{ exAtUs: at(2) }, { afterSequence: 4 }]) {
      const world = await holding();
      world.venue.nowUs = at(2);
      world.slice(2, [terms('c', { side: 'sell' })]);
      await world.run();
      world.venue.fill('c', 10, 'E3');
      await world.run();
      await book(world, dividend(6_000_000, place));
      const booked = (await entries(world)).slice(1);
      expect(booked).toEqual([
        ['other', 'dividend', -4_000_000],
        ['trend', 'dividend', 10_000_000],
      ]);
    }
  });

  it('that is a split restates what is held from then on, also where fills on the new count came before its word', async () => {
    const world = await holding();
    world.slice(2, [terms('c', { side: 'sell', reducing: true })]);
    await world.run();
    const { sequence = 0 } = world.venue.events.at(-1) ?? {};
    world.venue.nowUs = at(4);
    world.venue.fill('c', 5, 'E3');
    await world.run();
    const told = { ...split(2, 1), afterSequence: sequence } as VenueActivity;
    expect(await book(world, told)).toMatchObject({ state: 'done' });
    const [, booked] = await world.store.entriesAfter('paper', 2, 9);
    expect(booked).toMatchObject({ kind: 'split', followsSequence: 2, accountSequence: 4 });
    await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
    const sent = await world.store.orders({ accountId: 'paper', botId: 'trend', limit: 9 });
    const flattening = sent.filter(({ orderId }) => !['a', 'c'].includes(orderId));
    expect(flattening).toMatchObject([{ side: 'sell', quantity: 15 }]);
  });

  it.each([
    [4, 'after', 4],
    [2, 'by', 8],
  ])(
    'that is a split counts what a person said in slice %i was filled as traded %s then, though the venue knows no such fill',
    async (slice, _, held) => {
      const world = await holding();
      const { length: afterSequence } = world.venue.events;
      world.venue.capabilities = MUTE;
      world.venue.doings.push('unanswered');
      world.slice(2, [terms('c', { botId: 'third', quantity: quantity(4), expiresAtUs: at(9) })]);
      if (slice > 2) world.slice(slice, []);
      world.venue.silent = true;
      await world.run();
      const filled = { orderId: 'c', as: 'filled', priceNanos: PRICE };
      expect(await world.command('ResolveOrder', filled)).toMatchObject({ state: 'done' });
      await book(world, { ...split(2, 1), afterSequence } as VenueActivity);
      const ledger = new AccountLedger('paper', world.settings.instruments);
      for (const entry of await world.store.entriesAfter('paper', 0, 99)) ledger.apply(entry);
      const bots = ['trend', 'other', 'third'];
      const quantities = bots.map((botId) => ledger.position(botId, 'SPY').quantity);
      expect(quantities).toEqual([20, -8, held]);
    },
  );

  it.each(['the venue’s place', 'its time'])(
    'that is a split restates what bots had filled among themselves by then alone, by %s',
    async (by) => {
      const world = await holding();
      for (const slice of [2, 4]) {
        const ids = { buyOrderId: `buy-${slice}`, sellOrderId: `sell-${slice}` };
        const of = { quantity: quantity(4), expiresAtUs: at(9) };
        const buy = terms(ids.buyOrderId, { ...of, botId: 'third' });
        const sell = terms(ids.sellOrderId, { ...of, botId: 'fourth', side: 'sell' });
        world.slice(slice, [buy, sell], { crosses: [{ ...ids, priceNanos: PRICE }] });
      }
      await world.run();
      const { sequence = 0 } = world.venue.events.at(-1) ?? {};
      world.venue.nowUs = at(5);
      world.venue.fill('b', 2, 'E3');
      await world.run();
      const place = by === 'its time' ? {} : { afterSequence: sequence };
      await book(world, { ...split(2, 1), ...place } as VenueActivity);
      const ledger = new AccountLedger('paper', world.settings.instruments);
      for (const entry of await world.store.entriesAfter('paper', 0, 99)) ledger.apply(entry);
      const held = ['trend', 'other', 'third', 'fourth'].map(
        (botId) => ledger.position(botId, 'SPY').quantity,
      );
      expect(held).toEqual([20, -10, 12, -12]);
    },
  );

  it('that is a split is undone of what the venue takes back later, on the new count', async () => {
    const world = await holding();
    await book(world, split(2, 1));
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E1' });
    await world.run();
    await world.command('Flatten', { botId: 'trend', symbol: 'SPY' });
    const sent = await world.store.orders({ accountId: 'paper', botId: 'trend', limit: 9 });
    expect(sent.map(({ orderId }) => orderId)).toEqual(['a']);
  });

  it('waits for the events before it, and for a venue that does not answer', async () => {
    const world = await holding();
    const ahead = { ...split(2, 1), afterSequence: 99 } as VenueActivity;
    expect(await book(world, ahead)).toMatchObject({ state: 'refused' });
    expect(await entries(world)).toEqual([]);
    expect(await world.command('BookActivity', {})).toMatchObject({ state: 'refused' });
  });

  it.each([
    ['E3', 'the next event shows'],
    ['E4', 'a slice that includes it shows'],
    ['E4', 'nothing follows'],
  ])(
    'is refused, and asked for again, where the venue does not tell execution %s again: %s',
    async (lost, how) => {
      const world = await holding();
      const { length: afterSequence } = world.venue.events;
      world.venue.nowUs = at(4);
      world.slice(2, [terms('c', { side: 'sell', reducing: true })]);
      await world.run();
      world.venue.fill('c', 5, 'E3');
      world.venue.fill('c', 5, 'E4');
      await world.run();
      const { events } = world.venue;
      const index = events.findIndex((one) => one.kind === 'filled' && one.executionId === lost);
      const [dropped = expect.fail(`no ${lost}`)] = events.splice(index, 1);
      const told = dividend(6_000_000, { afterSequence });
      const report = {
        kind: 'slice',
        accountId: 'paper',
        feed: 'demo',
        sliceEndUs: at(4),
      } as const;
      const refusal = book(world, told);
      await drained();
      if (how === 'nothing follows') await world.clock.advance(LIMITS.toldAgainMsMax);
      else world.venue.tell({ ...report, afterSequence: dropped.sequence });
      await drained();
      expect(await world.store.pendingCommands('execution/paper')).toEqual([]);
      expect(await refusal).toMatchObject({
        state: 'refused',
        result: expect.stringContaining('does not tell its events again'),
      });
      events.splice(index, 0, dropped);
      expect(await book(world, told)).toMatchObject({ state: 'done' });
      expect((await entries(world)).slice(2)).toEqual([
        ['other', 'dividend', -4_000_000],
        ['trend', 'dividend', 10_000_000],
      ]);
    },
  );

  it('of shares that are not ours is the house’s cash', async () => {
    const world = await holding();
    const theirs = { ...dividend(7_000_000), symbol: 'DOGE' } as VenueActivity;
    await book(world, theirs);
    const halved = { ...split(1, 2), activityId: 'A2', symbol: 'DOGE' } as VenueActivity;
    expect(await book(world, halved)).toMatchObject({ state: 'done' });
    expect(await entries(world)).toEqual([[HOUSE, 'dividend', 7_000_000]]);
  });
});
