import {
  cashMicros,
  type Exits,
  InstrumentBook,
  quantity,
  usEquity,
  type VenueActivity,
} from '@capstan/domain';
import { encodeDrifts } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { bracket, dollars, minute, STOP, TARGET, working } from './test-held-world.ts';
import { HOLDING, HoldingVenue } from './test-holding-venue.ts';
import type { TestVenue } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

/** The last minute of one day, the time of which a split is dated, the night, and the first minutes of the next day's session. */
const CLOSE = 390;
const MIDNIGHT = 570;
const NIGHT = 1_110;
const [OPEN, SECOND, THIRD] = [1_441, 1_442, 1_443];

/** A day on which `a` opens ten at 100, up to its last minute. */
async function dayOf<Venue extends TestVenue>(
  world: World<Venue>,
  exits: Exits = bracket,
): Promise<World<Venue>> {
  world.venue.nowUs = at(1);
  world.slice(1, [terms('a', { exits })]);
  await world.run();
  world.venue.fill('a', 10);
  await minute(world, 2, [99, 101]);
  await minute(world, CLOSE, [100, 100]);
  return world;
}

const watched = (exits?: Exits): Promise<World> => dayOf(new World(), exits);
const kept = (exits?: Exits) => dayOf(new World(new HoldingVenue()), exits);

const book = (world: World, newShares: number, oldShares: number) => {
  const activity: VenueActivity = {
    ...{ activityId: 'S1', accountId: 'paper', eventAtUs: at(MIDNIGHT), kind: 'split' },
    ...{ symbol: 'SPY', newShares, oldShares, closeNanos: dollars(100) },
    fractionMicros: cashMicros(0),
  };
  return world.command('BookActivity', { activity });
};

const closing = async (world: World) =>
  (await working(world)).filter(({ side, leg }) => side === 'sell' && leg === 0);
const doubts = ({ log }: World) =>
  log.lines.filter(({ message }) => message.includes('as by a split'));

describe('exits that are watched, over a night in which the broker splits what is held', () => {
  it.each([
    ['two for one', 2, 1, [50, 50.5]],
    ['three for two', 3, 2, [66, 67]],
    ['one for ten, beyond the target', 1, 10, [1_000, 1_010]],
  ] as const)('%s, close nothing before it is booked', async (_, newShares, oldShares, prices) => {
    const world = await watched();
    world.venue.foreign.set('SPY', (10 * newShares) / oldShares - 10);
    for (const number of [OPEN, SECOND]) await minute(world, number, prices);
    expect(await closing(world)).toEqual([]);
    await minute(world, 2 * 1_440 + 1, prices);
    expect(await closing(world)).toEqual([]);
    await book(world, newShares, oldShares);
    await world.run();
    expect(await closing(world)).toEqual([]);
    const reached = (95 * oldShares) / newShares;
    await minute(world, 2 * 1_440 + 2, [reached - 0.1, reached]);
    const amount = (10 * newShares) / oldShares;
    expect(await closing(world)).toMatchObject([{ type: 'market', quantity: amount }]);
  });

  it('are held against the bars of the time before it was booked once it is', async () => {
    const world = await watched();
    world.venue.foreign.set('SPY', 10);
    await minute(world, OPEN, [50, 50.5]);
    await minute(world, SECOND, [47, 48]);
    await minute(world, THIRD, [49, 50]);
    expect(await closing(world)).toEqual([]);
    await book(world, 2, 1);
    await world.run();
    expect(await closing(world)).toMatchObject([{ quantity: 20 }]);
  });

  it('wait, while a person closes no more than the broker shows', async () => {
    const world = await watched();
    world.venue.foreign.set('SPY', -9);
    await minute(world, OPEN, [1_000, 1_010]);
    await world.command('Flatten', { botId: '', symbol: 'SPY' });
    const [out] = await closing(world);
    expect(out).toMatchObject({ quantity: 1 });
    world.venue.fill(out?.orderId ?? '', 1);
    await book(world, 1, 10);
    await minute(world, SECOND, [1_000, 1_010]);
    expect(await working(world)).toEqual([]);
    expect((await world.state()).holdings()).toEqual([]);
    expect((await world.state()).tasks).toEqual([]);
  });

  it('are not held, once it is booked, against bars of the day before that come late', async () => {
    const world = new World();
    world.venue.nowUs = at(1);
    world.slice(1, [terms('a', { exits: bracket })]);
    await world.run();
    world.venue.fill('a', 10);
    await world.run();
    world.venue.foreign.set('SPY', 10);
    await book(world, 2, 1);
    await world.bar(CLOSE, dollars(100));
    await minute(world, OPEN, [50, 50.5]);
    expect(await closing(world)).toEqual([]);
  });

  it('keep nobody from anything in a symbol that is listed no more', async () => {
    const world = await watched();
    world.settings = { ...world.settings, instruments: new InstrumentBook([usEquity('QQQ')]) };
    await world.bar(OPEN, dollars(50));
    world.slice(OPEN, []);
    expect(await world.run()).toMatchObject({ kind: 'idle' });
    expect(await world.done()).toContain(OPEN);
  });

  it('say once that they wait', async () => {
    const world = await watched();
    world.venue.foreign.set('SPY', 10);
    const { length } = doubts(world);
    world.slice(OPEN, []);
    await world.bar(OPEN, dollars(50));
    for (const number of [SECOND, THIRD]) {
      await world.bar(number, dollars(50));
      world.slice(number, []);
    }
    await world.run();
    expect(doubts(world)).toHaveLength(length + 1);
  });

  it('close what is held after a real fall in that night', async () => {
    const world = await watched();
    await minute(world, OPEN, [50, 50.5]);
    expect(await closing(world)).toMatchObject([{ type: 'market', quantity: 10 }]);
  });

  it.each([
    ['bought as much', 10, [90, 91]],
    ['sold a half', -5, [90, 91]],
    ['sold all of it', -10, [90, 91]],
    ['turned it', -20, [60, 61]],
  ] as const)('close what is held where somebody else %s', async (_, foreign, prices) => {
    const world = await watched();
    world.venue.foreign.set('SPY', foreign);
    await minute(world, OPEN, prices);
    expect(await closing(world)).toMatchObject([{ type: 'market', quantity: 10 }]);
  });

  it('know what somebody else held before, and what has become of it', async () => {
    const world = new World();
    world.venue.foreign.set('SPY', 500);
    await dayOf(world);
    world.venue.foreign.set('SPY', 1_010);
    await minute(world, OPEN, [50, 50.5]);
    expect(await closing(world)).toEqual([]);
    await book(world, 2, 1);
    await minute(world, SECOND, [47, 47.5]);
    expect(await closing(world)).toMatchObject([{ quantity: 20 }]);
  });

  it('say that they wait where no price of before is known', async () => {
    const world = await watched();
    const late = 400 * 1_440 + 1;
    world.slice(late - 1_440, []);
    await world.run();
    world.venue.foreign.set('SPY', 10);
    for (const number of [late, late + 1]) {
      await world.bar(number, dollars(94));
      world.slice(number, []);
    }
    await world.run();
    expect(await closing(world)).toEqual([]);
    const said = world.log.lines.filter(({ message }) => message.includes('no price of before'));
    expect(said).toHaveLength(1);
  });

  it('wait for a first price where only the count says something', async () => {
    const world = await watched();
    world.venue.foreign.set('SPY', 10);
    world.slice(OPEN, []);
    await world.run();
    expect(doubts(world)).toEqual([]);
    await minute(world, SECOND, [94, 95]);
    expect(await closing(world)).toMatchObject([{ quantity: 10 }]);
  });

  it('that were reached after the close close as the books say by the open', async () => {
    const world = await watched();
    await minute(world, CLOSE + 5, [94, 95]);
    expect(await closing(world)).toEqual([]);
    world.venue.foreign.set('SPY', 10);
    await minute(world, OPEN, [47, 48]);
    expect(await closing(world)).toEqual([]);
    await book(world, 2, 1);
    await minute(world, SECOND, [47, 48]);
    expect(await closing(world)).toMatchObject([{ quantity: 20 }]);
  });
});

describe('exits that stand at the broker, which splits what is held', () => {
  const restated = (world: World, of: { stop: number; target: number; quantity: number }): void => {
    const amount = { quantity: quantity(of.quantity), count: 1 };
    const { emit } = world.venue;
    const tell = emit.bind(world.venue);
    tell({ kind: 'replaced', orderId: STOP, ...amount, stopPriceNanos: dollars(of.stop) });
    tell({ kind: 'replaced', orderId: TARGET, ...amount, limitPriceNanos: dollars(of.target) });
  };

  it.each([
    ['overnight, before what is held', NIGHT, 0],
    ['overnight, with what is held', NIGHT, 30],
    ['in the session', CLOSE - 1, 0],
  ])('%s, are left alone as it has restated them, until it is booked', async (_, when, more) => {
    const world = await kept();
    world.venue.nowUs = at(when);
    restated(world, { stop: 23.75, target: 27.5, quantity: 40 });
    world.venue.foreign.set('SPY', more);
    await world.run();
    for (const number of [OPEN, SECOND]) await minute(world, number, [25, 25.5]);
    expect(world.venue.cancels).toEqual([]);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.foreign.set('SPY', 30);
    await book(world, 4, 1);
    await world.run();
    expect((await working(world)).map((order) => order.orderId).sort()).toEqual(
      [STOP, TARGET].sort(),
    );
    expect((await world.state()).guards).toMatchObject([{ rests: true }]);
    expect((await world.state()).restated.size).toBe(0);
  });

  it('are the venue’s own matter where it protects by each fill, and nobody watches beside it', async () => {
    const world = await kept();
    const begins = { exitsBegin: 'eachFill', exitsHold: false, exitsLater: false } as const;
    world.venue.capabilities = { ...HOLDING, ...begins };
    restated(world, { stop: 95, target: 110, quantity: 40 });
    await world.run();
    expect(world.venue.cancels).toEqual([]);
  });

  it('are ended at once where it has changed what they close and not their prices', async () => {
    const world = await kept();
    world.venue.nowUs = at(NIGHT);
    restated(world, { stop: 95, target: 110, quantity: 40 });
    world.venue.foreign.set('SPY', 30);
    await world.run();
    expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
    await minute(world, OPEN, [25, 25.5]);
    expect(world.venue.arrivals).toEqual(['a']);
    await book(world, 4, 1);
    await minute(world, SECOND, [25, 25.5]);
    const [stop] = (await working(world)).filter(({ type }) => type === 'stop');
    expect(stop).toMatchObject({ quantity: 40, stopPriceNanos: dollars(23.75) });
  });

  it.each([
    ['one for ten', 1, 950, 1_100, true],
    ['one for three, and a part is lost', 3, 285, 330, true],
    ['one for three, and not their prices', 3, 95, 110, false],
    ['one for two, and not their prices', 5, 95, 110, false],
  ] as const)('and are fewer than before: %s', async (_, amount, stop, target, stays) => {
    const world = await kept();
    world.venue.nowUs = at(NIGHT);
    restated(world, { stop, target, quantity: amount });
    await world.run();
    expect(world.venue.cancels.length === 0).toBe(stays);
  });

  it.each([
    ['in the night', NIGHT],
    ['on the evening before', MIDNIGHT],
  ])(
    '%s, are placed anew once it is booked where the venue has cancelled them',
    async (_, when) => {
      const world = await kept();
      world.venue.nowUs = at(when);
      world.venue.end(STOP);
      world.venue.foreign.set('SPY', 30);
      await world.run();
      for (const number of [when + 5, OPEN, SECOND]) await minute(world, number, [25, 25.5]);
      expect(world.venue.arrivals).toEqual(['a']);
      await book(world, 4, 1);
      await minute(world, THIRD, [25, 25.5]);
      const [stop] = (await working(world)).filter(({ type }) => type === 'stop');
      expect(stop).toMatchObject({
        quantity: 40,
        stopPriceNanos: dollars(23.75),
        state: 'accepted',
      });
    },
  );

  it('fall below their stop while nobody protects them are closed', async () => {
    const world = await kept();
    world.venue.nowUs = at(NIGHT);
    world.venue.end(STOP);
    await world.run();
    await minute(world, OPEN, [25, 25.5]);
    expect(await closing(world)).toMatchObject([{ type: 'market', quantity: 10 }]);
  });
});

describe('exits that protect another quantity than is held', () => {
  const lost = async (drift: { ledger: number; broker: number } | undefined) => {
    const world = await kept();
    const open = drift === undefined ? [] : [{ symbol: 'SPY', ...drift }];
    await world.kv.put('switches', 'drifts/paper', new TextEncoder().encode(encodeDrifts(open)));
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E2' });
    await world.run();
    return world;
  };

  it('are ended where the broker holds what the books say, or less', async () => {
    for (const drift of [undefined, { ledger: 0, broker: 5 }]) {
      const world = await lost(drift);
      expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
    }
  });

  it('stay where the broker holds all that they protect, and the books are behind', async () => {
    const world = await lost({ ledger: 0, broker: 10 });
    expect(world.venue.cancels).toEqual([]);
  });

  it('stay until all that the venue says is taken', async () => {
    const world = await kept();
    const { account } = world.venue;
    world.venue.account = async (accountId) => {
      const said = await account.call(world.venue, accountId);
      return { ...said, sequence: said.sequence + 1 };
    };
    world.venue.emit({ kind: 'busted', orderId: 'a', executionId: 'E2' });
    await world.run();
    expect(world.venue.cancels).toEqual([]);
    world.venue.account = account;
    await world.run();
    expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
  });
});
