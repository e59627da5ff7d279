import { describe, expect, it } from 'vitest';
import { OPENING_ID } from './opening.ts';
import { OpeningWorld } from './opening-world.fixture.ts';
import { EVERY_MS } from './position-world.fixture.ts';

/** How often the store is called until an account is open, at the least. */
const CALLS_TO_OPEN = 14;

const said = ({ log }: OpeningWorld) => log.lines.map(({ message }) => message);

async function open(world: OpeningWorld): Promise<OpeningWorld> {
  world.run();
  await world.settle();
  return world;
}

describe('an account at a broker', () => {
  it('opens with the cash that it holds there, once, within seconds, as a transfer to the house', async () => {
    const world = await OpeningWorld.at(57_312);
    world.run();
    await world.clock.advance(3_000);
    await world.bookAsked();
    await world.settle();
    expect(world.asked).toMatchObject([
      { activityId: OPENING_ID, kind: 'transfer', amountMicros: 57_312 },
    ]);
    expect(world.ledger).toBe(57_312);
    expect(await world.drifts(false)).toEqual([]);
    await world.stop();
    await open(world);
    expect(world.asked).toHaveLength(1);
  });

  it('books nothing for an account without cash, and reads activities from then on', async () => {
    const world = await open(await OpeningWorld.at(0));
    expect(world.asked).toEqual([]);
    world.move(5);
    await world.settle();
    expect(world.asked).toMatchObject([{ activityId: 'A0' }]);
    expect(await world.drifts(false)).toEqual([]);
  });

  it('opens with a debit too, and passes over what the venue lists of before', async () => {
    const world = await OpeningWorld.at(100);
    world.move(-300);
    await open(world);
    expect(world.asked).toMatchObject([{ activityId: OPENING_ID, amountMicros: -200 }]);
    expect(await world.drifts(false)).toEqual([]);
  });

  it('opens with what the broker has beyond trades that were adopted before', async () => {
    const world = await OpeningWorld.at(1_000, { foreign: 'adopt' });
    await world.adopted(2, 600);
    await open(world);
    expect(world.asked).toMatchObject([{ activityId: OPENING_ID, amountMicros: 1_000 }]);
    expect(await world.drifts(false)).toEqual([]);
    expect(said(world).filter((line) => line.includes('did not buy'))).toEqual([]);
  });

  it('decides nothing while cash moves, and asks for what was decided only, whoever owns it later', async () => {
    const world = await OpeningWorld.at(100);
    world.run();
    await world.clock.advance(1);
    world.move(1);
    await world.clock.advance(1_000);
    expect(await world.store.pendingCommands('execution/paper')).toEqual([]);
    await world.clock.advance(2_000);
    expect(await world.store.pendingCommands('execution/paper')).toHaveLength(1);
    world.move(7);
    await world.stop();
    world.run();
    await world.clock.advance(EVERY_MS);
    expect(await world.store.pendingCommands('execution/paper')).toHaveLength(2);
    await world.settle();
    const ids = world.asked.map((one) => [
      one.activityId,
      'amountMicros' in one && one.amountMicros,
    ]);
    expect(ids).toEqual([
      [OPENING_ID, 101],
      [OPENING_ID, 101],
      ['A1', 7],
    ]);
    expect(world.ledger).toBe(108);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)(
    'is opened once, whichever call of the store its owner died %s, with cash that comes meanwhile',
    async (_, isDone) => {
      for (let call = 0; call < CALLS_TO_OPEN; call += 1) {
        const world = await OpeningWorld.at(100);
        world.dieAfter(call, isDone);
        world.run();
        await world.clock.advance(2_500);
        world.move(7);
        await world.clock.advance(2_500);
        await world.bookAsked();
        await world.settle();
        expect([call, world.hasDied, world.ledger]).toEqual([call, true, 107]);
        expect(await world.drifts(false)).toEqual([]);
        await world.stop();
      }
    },
  );

  it('is not opened with other cash than the configuration says: that is told with what to write, and mended there', async () => {
    const world = await open(await OpeningWorld.at(57_312_000_000, { stated: 100_000_000_000 }));
    expect(world.asked).toEqual([]);
    expect(await world.drifts()).toMatchObject([
      { symbol: '$opening', ledger: 100_000_000_000, broker: 57_312_000_000 },
    ]);
    expect(await world.shown()).toMatchObject([{ symbol: '$opening' }]);
    const told = said(world).filter((line) => line.includes('write `cash: 57312.00`'));
    expect(told).toHaveLength(1);
    await world.stop();
    world.state(57_312_000_000);
    await open(world);
    expect(await world.drifts()).toEqual([]);
    expect(world.ledger).toBe(57_312_000_000);
  });

  it('takes no difference for an opening where it was open before', async () => {
    const world = await OpeningWorld.at(100);
    world.options = { ...world.options, opening: undefined } as never;
    await open(world);
    await world.stop();
    world.state(undefined);
    await open(world);
    expect(world.asked).toEqual([]);
    expect(await world.drifts()).toMatchObject([{ symbol: '$cash', ledger: 0, broker: 100 }]);
  });

  it.each([
    ['hold', 'sell it, or set `foreign: ignore`', 1],
    ['adopt', '`adopt` begins with trades', 1],
    ['ignore', 'shown and left alone', 0],
  ] as const)(
    'that has positions already says by the rule `%s` what to do',
    async (foreign, text, drifts) => {
      const world = await OpeningWorld.at(500, { foreign });
      world.holds(12);
      await open(world);
      expect(world.ledger).toBe(500);
      expect(said(world).filter((line) => line.includes(text))).toHaveLength(1);
      expect((await world.drifts()).map(({ symbol, broker }) => [symbol, broker])).toEqual(
        [['SPY', 12] as const].slice(0, drifts),
      );
      const [snapshot] = await world.store.snapshots('paper', 1);
      expect(snapshot?.foreign).toMatchObject({ rule: foreign, cashMicros: 0 });
      expect(snapshot?.foreign?.positions).toEqual([{ symbol: 'SPY', quantity: 12 }]);
    },
  );
});
