import { cashMicros, quantity } from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import { describe, expect, it } from 'vitest';
import { PRICE } from './test-venue.ts';
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

  it('that closes what bots hold is booked against them by name after the house, and what it leaves uncovered is cancelled', async () => {
    const world = await withSomebody('adopt');
    const exit = { type: 'limit', timeInForce: 'gtc', limitPriceNanos: PRICE } as const;
    world.slice(1, [
      terms('a', { botId: 'zeta' }),
      terms('b', { botId: 'alpha', quantity: quantity(4) }),
    ]);
    await world.run();
    world.venue.fill('a', 10, 'E1');
    world.venue.fill('b', 4, 'E2');
    world.venue.fill('somebody', 2, 'E3');
    await world.run();
    const selling = { ...exit, side: 'sell', reducing: true } as const;
    world.slice(2, [
      terms('za', { ...selling, botId: 'zeta', quantity: quantity(8) }),
      terms('zb', { ...selling, botId: 'zeta', quantity: quantity(3) }),
    ]);
    await world.run();
    await world.venue.submit(terms('sale', { side: 'sell', quantity: quantity(20) }));
    world.venue.fill('sale', 13, 'E4', 130);
    await world.run();
    const booked = (await fillsOf(world)).slice(3);
    expect(booked.map((fill) => [fill.botId, fill.side, fill.quantity, fill.feeMicros])).toEqual([
      [HOUSE, 'sell', 2, 20],
      ['alpha', 'sell', 4, 40],
      ['zeta', 'sell', 7, 70],
    ]);
    expect(world.venue.cancels).toEqual(['za']);
    world.venue.fill('sale', 7, 'E5');
    await world.run();
    const rest = (await fillsOf(world)).slice(6);
    expect(rest.map((fill) => [fill.botId, fill.quantity])).toEqual([
      ['zeta', 3],
      [HOUSE, 4],
    ]);
    const correction = { executionId: 'E4', quantity: quantity(5), priceNanos: PRICE };
    const feeMicros = cashMicros(50);
    world.venue.emit({ kind: 'corrected', orderId: 'sale', ...correction, feeMicros });
    world.venue.emit({ kind: 'busted', orderId: 'sale', executionId: 'E5' });
    await world.run();
    const words = (await fillsOf(world)).slice(8);
    expect(words.map((fill) => [fill.botId, fill.kind, fill.quantity])).toEqual([
      [HOUSE, 'correction', 2],
      ['alpha', 'correction', 3],
      ['zeta', 'bust', 7],
      ['zeta', 'bust', 3],
      [HOUSE, 'bust', 4],
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
