import { HOUSE } from '@capstan/engine';
import { describe, expect, it } from 'vitest';
import { at, terms, World } from './test-world.ts';

/** A world in which somebody else's order for ten SPY works at the venue. */
async function withSomebody(foreign: 'hold' | 'adopt'): Promise<World> {
  const world = new World();
  world.settings = { ...world.settings, foreign };
  world.venue.nowUs = at(1);
  await world.venue.submit(terms('somebody'));
  return world;
}

const fillsOf = (world: World) => world.store.fillsAfter('paper', 0, 100);
const straysOf = async (world: World) =>
  (await world.store.strays({ accountId: 'paper', limit: 9 })).filter(
    ({ isForeign, kind }) => isForeign && kind === 'filled',
  );

describe('a fill of an order that is not ours', () => {
  it('is booked to the house where the account adopts, each execution once', async () => {
    const world = await withSomebody('adopt');
    world.venue.fill('somebody', 4, 'E-one');
    world.venue.fill('somebody', 6, 'E-two');
    world.venue.fill('somebody', 6, 'E-two');
    await world.run();
    const fills = await fillsOf(world);
    const own = { botId: HOUSE, symbol: 'SPY', side: 'buy', kind: 'fill' };
    expect(fills).toMatchObject([
      { ...own, quantity: 4, fillId: 'E-one', accountSequence: 1 },
      { ...own, quantity: 6, fillId: 'E-two', accountSequence: 2 },
    ]);
    const order = await world.order(fills[1]?.orderId ?? '');
    expect(order).toMatchObject({ state: 'filled', quantity: 6, venueOrderId: 'X1' });
    const intents = await world.store.intents({ accountId: 'paper', limit: 9 });
    expect(intents.map((one) => [one.causeKind, one.causeId]).sort()).toEqual([
      ['adoption', 'E-one'],
      ['adoption', 'E-two'],
    ]);
    expect(await straysOf(world)).toEqual([]);
  });

  it('that was booked and is busted is taken back, also by the next owner', async () => {
    const world = await withSomebody('adopt');
    world.venue.fill('somebody', 4, 'E-one');
    await world.run();
    world.venue.emit({ kind: 'busted', orderId: 'somebody', executionId: 'E-one' });
    await world.run();
    expect((await fillsOf(world)).map((fill) => fill.kind)).toEqual(['fill', 'bust']);
    expect(await straysOf(world)).toEqual([]);
  });

  it.each([
    ['the account holds', 'hold', () => undefined],
    ['the venue cannot be asked', 'adopt', cannotFind],
    ['the venue does not answer', 'adopt', goDown],
  ] as const)('is set aside where %s', async (_, foreign, change) => {
    const world = await withSomebody(foreign);
    change(world);
    world.venue.fill('somebody', 4);
    await world.run();
    expect(await fillsOf(world)).toEqual([]);
    expect(await straysOf(world)).toMatchObject([{ kind: 'filled', quantity: 4 }]);
  });

  it('in a symbol that is not listed is set aside', async () => {
    const world = await withSomebody('adopt');
    await world.venue.submit(terms('other', { symbol: 'DOGE' }));
    world.venue.fill('other', 4);
    await world.run();
    expect(await fillsOf(world)).toEqual([]);
    expect(await straysOf(world)).toHaveLength(1);
  });
});

function cannotFind({ venue }: World): void {
  venue.capabilities = { ...venue.capabilities, findsByClientOrderId: false };
}

function goDown({ venue }: World): void {
  venue.down = true;
}
