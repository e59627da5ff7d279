import { encodeDrifts } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { at, terms, World } from './test-world.ts';

const tell = (world: World, text: string) =>
  world.kv.put('switches', 'drifts/paper', new TextEncoder().encode(text));
const DRIFT = encodeDrifts([{ symbol: 'SPY', ledger: 10, broker: 9 }]);

describe('an approved order in a symbol that drifts', () => {
  it('is denied where it adds, and sent where it reduces or is in another symbol', async () => {
    const world = new World();
    await tell(world, DRIFT);
    const reducing = { side: 'sell', reducing: true } as const;
    world.slice(1, [terms('adds'), terms('cuts', reducing), terms('other', { symbol: 'QQQ' })]);
    await world.run();
    expect(await world.order('adds')).toMatchObject({
      state: 'denied',
      reason: 'drift: the ledger has 10 of SPY and the broker 9',
    });
    expect(await world.order('cuts')).toMatchObject({ state: 'accepted' });
    expect(await world.order('other')).toMatchObject({ state: 'accepted' });
  });

  it('is sent again once it is healed, and held where that cannot be read', async () => {
    const world = new World();
    await tell(world, 'what?');
    world.slice(1, [terms('first')]);
    await world.run();
    await tell(world, encodeDrifts([]));
    world.slice(2, [terms('second')]);
    await world.run();
    expect(await world.order('first')).toMatchObject({ state: 'denied' });
    expect(await world.order('second')).toMatchObject({ state: 'accepted' });
  });

  it('is held from the moment on that it is told', async () => {
    const world = new World();
    world.slice(1, [terms('first')]);
    world.onCall = (name) => {
      if (name !== 'venue.submitAll' && name !== 'venue.submit') return;
      void tell(world, DRIFT);
      world.onCall = () => undefined;
    };
    world.slice(2, [terms('second')]);
    await world.run();
    expect(await world.order('first')).toMatchObject({ state: 'accepted' });
    expect(await world.order('second')).toMatchObject({ state: 'denied' });
  });

  it('is not sent again once that is told, and given up where the venue does not have it; one that reduces is', async () => {
    const world = new World();
    world.venue.doings.push('lost', 'lost');
    world.onCall = (name) => {
      if (name === 'venue.submitAll' || name === 'venue.submit') void tell(world, DRIFT);
    };
    world.slice(1, [terms('adds')]);
    await world.run();
    world.slice(2, [terms('cuts', { side: 'sell', reducing: true, expiresAtUs: at(3) })]);
    await world.run();
    expect(await world.order('adds')).toMatchObject({ state: 'rejected' });
    expect(await world.order('cuts')).toMatchObject({ state: 'accepted' });
    expect(world.venue.arrivals).toEqual(['adds', 'cuts', 'cuts']);
  });
});
