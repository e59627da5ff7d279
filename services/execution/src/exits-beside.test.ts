import { type OrderTerms, orderId, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import {
  bracket,
  closing,
  dollars,
  type Exchange,
  held,
  legOf,
  minute,
  rests,
  STOP,
  TARGET,
  working,
} from './test-held-world.ts';
import { HoldingVenue } from './test-holding-venue.ts';
import { at, terms, World } from './test-world.ts';

const later = (number: number, of: Partial<OrderTerms> = {}): OrderTerms =>
  terms('b', { decidedAtUs: at(number), expiresAtUs: at(number + 1), ...of });

describe('an order that adds beside exits at the venue', () => {
  it.each([
    ['its bot adds without exits', {}],
    ['another bot buys without exits', { botId: 'other' }],
    ['another bot sells what they hold', { botId: 'other', side: 'sell', quantity: quantity(5) }],
    ['a bot that turns sells more than they hold', { side: 'sell', quantity: quantity(20) }],
  ] as const)('waits for their end where %s, and what they protected is watched', async (_, of) => {
    const world = await held();
    await minute(world, 2, [100, 101], [later(2, of)]);
    expect(world.venue.refused).toEqual([]);
    expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
    expect(await working(world)).toMatchObject([{ orderId: 'b', state: 'accepted' }]);
    expect(await world.done()).toEqual([1, 2]);
    expect(await rests(world)).toBe(false);
  });

  it('is what they come back beside, once it has filled', async () => {
    const world = await held();
    await minute(world, 2, [100, 101], [later(2, { botId: 'other' })]);
    world.venue.fill('b', 10);
    await minute(world, 3);
    const pair = [legOf(2, 1_001), legOf(1, 1_001)];
    expect((await working(world)).map((order) => order.orderId).toSorted()).toEqual(
      pair.toSorted(),
    );
    expect(await rests(world)).toBe(true);
  });

  describe.each([
    ['market', 100],
    ['reprice', 99],
  ] as const)('with a rule by which it is to %s', (action, price) => {
    /** Beside what is held another bot's order waits for a better price than there is, and has ended the exits. */
    const waiting = async (afterUs: number) => {
      const world = await held();
      const rule = { action, collarBps: 500, repricesMax: 3, afterUs };
      world.settings = { ...world.settings, unfilledOf: () => rule };
      const limit = { type: 'limit', limitPriceNanos: dollars(price) } as const;
      await minute(world, 2, [100, 101], [later(2, { botId: 'other', ...limit })]);
      return world;
    };

    it('is left as it is once they are back: the venue would refuse its next attempt', async () => {
      const world = await waiting(120_000_000);
      for (const number of [3, 4, 5]) await minute(world, number);
      expect(await world.order('b')).toMatchObject({ state: 'accepted' });
      expect(world.venue.cancels).not.toContain('b');
      expect(await rests(world)).toBe(true);
      for (const exit of [legOf(2, 1_001), legOf(1, 1_001)]) world.venue.end(exit);
      await minute(world, 6);
      expect(world.venue.cancels).toContain('b');
    });

    it('gets no next attempt where they come back while its cancel is under way', async () => {
      const world = await waiting(60_000_000);
      const { cancel } = world.venue;
      world.venue.cancel = async (_, id) => {
        expect(id).toBe('b');
        return { kind: 'requested' };
      };
      await minute(world, 3);
      expect(await rests(world)).toBe(true);
      world.venue.cancel = cancel;
      world.venue.emit({ kind: 'cancelled', orderId: 'b', reason: 'as asked' });
      await world.run();
      const next = orderId({ intentId: 'intent-b', leg: 0, attempt: 2 });
      expect((await world.order(next)).reason).toMatch(/^exits: /);
      expect(world.venue.refused).toEqual([]);
    });
  });

  it('leaves them where it has exits of its own', async () => {
    const world = await held();
    await minute(world, 2, [100, 101], [later(2, { botId: 'other', exits: bracket })]);
    expect(world.venue.cancels).toEqual([]);
    expect(await rests(world)).toBe(true);
    expect((await world.order('b')).state).toBe('accepted');
  });
});

describe('what closes a position beside another bot’s exits', () => {
  /** Another bot was short before, so that only what is held since is protected at the venue. */
  const opposed = async () => {
    const world = new World(new HoldingVenue());
    world.venue.nowUs = at(1);
    const exits = { takeProfitPriceNanos: dollars(50) };
    const short = { botId: 'other', side: 'sell', quantity: quantity(4), exits } as const;
    world.slice(1, [terms('b', short)]);
    await world.run();
    world.venue.fill('b', 4);
    const entry = { exits: bracket, decidedAtUs: at(2), expiresAtUs: at(3) };
    await minute(world, 2, [100, 101], [terms('a', entry)]);
    world.venue.fill('a', 10);
    await world.run();
    expect((await working(world)).map((order) => order.orderId).sort()).toEqual(
      [STOP, TARGET].sort(),
    );
    expect(await rests(world)).toBe(true);
    world.venue.cancels.length = 0;
    return world;
  };

  it.each([
    ['by its bot', async (world: Exchange) => minute(world, 3, [100, 101], [cover(3)])],
    ['by its own exit', async (world: Exchange) => minute(world, 3, [50, 51])],
    ['by a person', (world: Exchange) => world.command('Flatten', { botId: 'other', symbol: '' })],
  ] as const)('goes out %s once these have ended, and they come back', async (_, close) => {
    const world = await opposed();
    await close(world);
    expect(world.venue.refused).toEqual([]);
    expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
    const out = (await working(world)).filter(({ botId }) => botId === 'other');
    expect(out).toMatchObject([{ side: 'buy', quantity: 4, state: 'accepted' }]);
    expect(await rests(world)).toBe(false);
    world.venue.fill(out[0]?.orderId ?? '', 4);
    for (const number of [4, 5]) await minute(world, number);
    expect(await rests(world)).toBe(true);
  });

  it('leaves those of a bot that holds the same side', async () => {
    const world = await held();
    await minute(world, 2, [100, 101], [later(2, { botId: 'other', exits: bracket })]);
    world.venue.fill('b', 10);
    await world.run();
    await minute(world, 3, [100, 101], [closing(3)]);
    expect(world.venue.cancels.toSorted()).toEqual([STOP, TARGET].toSorted());
    expect(await rests(world, 'b')).toBe(true);
    await world.command('Flatten', { botId: 'trend', symbol: '' });
    expect(await rests(world, 'b')).toBe(true);
  });

  const cover = (number: number): OrderTerms =>
    terms('cover', {
      ...{ botId: 'other', side: 'buy', reducing: true, quantity: quantity(4) },
      ...{ decidedAtUs: at(number), expiresAtUs: at(number + 1) },
    });
});

describe('an order that closes what is watched', () => {
  it('waits after a restart until all that the venue says is taken: exits may have closed it', async () => {
    const world = await held(bracket, { isLate: true });
    world.venue.silent = true;
    world.venue.fill(STOP, 10);
    const close = { side: 'sell', reducing: true } as const;
    await minute(world, 3, [100, 101], [later(3, close)]);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.silent = false;
    await world.run();
    expect((await world.order('b')).state).toBe('denied');
    expect(world.venue.leastHeld).toBe(0);
    expect(await working(world)).toEqual([]);
  });
});

describe('a group of exits of which one has ended before the other is told', () => {
  it('protects nothing: what is held is watched', async () => {
    const world = new World(new HoldingVenue());
    world.venue.nowUs = at(1);
    world.slice(1, [terms('a', { exits: bracket })]);
    await world.run();
    const emit = world.venue.emit.bind(world.venue);
    world.venue.emit = (detail) => {
      if (detail.kind === 'accepted' && detail.orderId === TARGET) {
        emit({ kind: 'cancelled', orderId: STOP, reason: 'by the venue' });
      }
      emit(detail);
    };
    world.venue.fill('a', 10);
    await world.run();
    expect(await working(world)).toMatchObject([{ orderId: TARGET, state: 'accepted' }]);
    expect(await rests(world)).toBe(false);
  });
});

describe('exits that are placed for what is held', () => {
  it.each([
    ['that could trade with them', 'buy', 2],
    ['that could not', 'sell', 1],
  ] as const)(
    'and refused beside an order %s are tried again as it ends',
    async (_, side, tries) => {
      const world = await held({ stopPriceNanos: dollars(95) });
      world.venue.end(STOP);
      await world.run();
      world.venue.doings.push('accept', 'reject');
      const limit = { type: 'limit', limitPriceNanos: dollars(98) } as const;
      await minute(world, 2, [100, 101], [later(2, { botId: 'other', side, ...limit })]);
      expect(world.venue.arrivals).toEqual(['a', 'b', legOf(1, 1_001)]);
      await world.run();
      expect(world.venue.arrivals).toHaveLength(3);
      await world.command('CancelOrder', { orderId: 'b' });
      expect(world.venue.arrivals).toHaveLength(2 + tries);
      expect(await rests(world)).toBe(tries === 2);
    },
  );

  it('and refused for themselves are tried no sooner for what has ended beside them', async () => {
    const world = await held({ stopPriceNanos: dollars(95) });
    world.venue.end(STOP);
    await world.run();
    world.venue.doings.push('accept', 'reject', 'reject');
    const limit = { type: 'limit', limitPriceNanos: dollars(98) } as const;
    await minute(world, 2, [100, 101], [later(2, { botId: 'other', ...limit })]);
    await world.command('CancelOrder', { orderId: 'b' });
    for (let run = 0; run < 3; run += 1) await world.run();
    await minute(world, 3);
    expect(world.venue.arrivals).toHaveLength(4);
  });

  it('wait until all that the venue says is taken: what is held may be gone', async () => {
    const world = await held();
    world.venue.end(STOP);
    await world.run();
    world.venue.silent = true;
    world.venue.emit({ kind: 'cancelled', orderId: 'untold', reason: 'nobody heard of it' });
    await minute(world, 2);
    expect(world.venue.arrivals).toEqual(['a']);
    world.venue.silent = false;
    await world.run();
    expect(world.venue.arrivals).toEqual(['a', legOf(2, 1_001)]);
    expect(await rests(world)).toBe(true);
  });
});
