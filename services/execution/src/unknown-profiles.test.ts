import type { OrderState } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { CAREFUL, type Doing } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

/** What a broker can do decides what an unclear answer means there. */
interface Profile {
  readonly name: string;
  readonly enforcesClientOrderId: boolean;
  readonly findsByClientOrderId: boolean;
  /** What becomes of an order that never arrived, and of one that did, with no word from the venue but its answers. */
  readonly lost: OrderState;
  readonly taken: OrderState;
  /** Whether the slice waits for it, and how often an order that never arrived is sent. */
  readonly sends: number;
}

const PROFILES: readonly Profile[] = [
  {
    ...{
      name: 'finds an id and refuses a second order of it',
      lost: 'accepted',
      taken: 'accepted',
    },
    ...{ enforcesClientOrderId: true, findsByClientOrderId: true, sends: 2 },
  },
  {
    ...{ name: 'only finds an id', lost: 'rejected', taken: 'accepted' },
    ...{ enforcesClientOrderId: false, findsByClientOrderId: true, sends: 1 },
  },
  {
    ...{ name: 'only refuses a second order of an id', lost: 'accepted', taken: 'accepted' },
    ...{ enforcesClientOrderId: true, findsByClientOrderId: false, sends: 2 },
  },
  {
    ...{ name: 'does neither', lost: 'unknown', taken: 'unknown' },
    ...{ enforcesClientOrderId: false, findsByClientOrderId: false, sends: 1 },
  },
];

function worldOf(profile: Profile, doings: readonly Doing[]): World {
  const world = new World();
  const { enforcesClientOrderId, findsByClientOrderId } = profile;
  world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId, findsByClientOrderId };
  world.venue.saysDuplicate = true;
  world.venue.silent = true;
  world.venue.doings.push(...doings);
  world.slice(1, [terms('a')]);
  return world;
}

describe.each(PROFILES)('a venue that $name', (profile) => {
  it('an order that never arrived', async () => {
    const world = worldOf(profile, ['lost']);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: profile.lost });
    expect(world.venue.arrivals).toHaveLength(profile.sends);
    expect(world.venue.doubled).toBe(0);
    expect(await world.done()).toEqual([1]);
  });

  it('an order that arrived and was not answered', async () => {
    const world = worldOf(profile, ['unanswered']);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: profile.taken });
    expect(world.venue.doubled).toBe(0);
    expect(await world.done()).toEqual([1]);
    world.venue.silent = false;
    world.venue.fill('a', 10);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'filled', venueOrderId: 'X1' });
  });

  it('an order whose decision is over is not sent again', async () => {
    const world = worldOf(profile, ['lost']);
    world.settings = { ...world.settings, eventTime: false };
    world.venue.onSubmit = () => {
      world.venue.onSubmit = () => undefined;
      void world.clock.advance(200_000);
    };
    await world.run();
    expect(world.venue.arrivals).toEqual(['a']);
    const { state } = await world.order('a');
    expect(state).toBe(profile.findsByClientOrderId ? 'rejected' : 'unknown');
  });

  it('holds its symbol for what adds, as long as it is unknown', async () => {
    const world = worldOf(profile, ['lost']);
    world.slice(2, [
      terms('b', { expiresAtUs: at(3) }),
      terms('c', { expiresAtUs: at(3), reducing: true, side: 'sell' }),
      terms('d', { expiresAtUs: at(3), symbol: 'QQQ' }),
    ]);
    await world.run();
    const isHeld = profile.lost === 'unknown';
    expect((await world.order('b')).state).toBe(isHeld ? 'denied' : 'accepted');
    expect((await world.order('c')).state).toBe('accepted');
    expect((await world.order('d')).state).toBe('accepted');
  });

  it('sends nothing past an unclear answer that it could not send again', async () => {
    const world = new World();
    const { enforcesClientOrderId, findsByClientOrderId } = profile;
    world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId, findsByClientOrderId };
    const many = Array.from({ length: 65 }, (_, index) => terms(`o${index}`));
    world.venue.down = true;
    world.slice(1, many);
    await world.run();
    const { state } = await world.order('o64');
    expect(state).toBe(enforcesClientOrderId ? 'unknown' : 'denied');
  });

  it.each(['before', 'after'] as const)(
    'loses and doubles nothing, whichever port call its owner died %s',
    async (when) => {
      for (const doing of ['lost', 'unanswered', 'accept'] as const) {
        const dry = worldOf(profile, [doing]);
        const { calls } = await dry.run();
        for (let call = 1; call <= calls.length; call += 1) {
          const world = worldOf(profile, [doing]);
          await world.run({ call, when });
          await world.run();
          world.venue.silent = false;
          await world.run();
          expect(world.venue.doubled, `${doing} ${call}`).toBe(0);
          const { state } = await world.order('a');
          const isThere = world.venue.placed('a') !== undefined;
          if (isThere) expect(state, `${doing} ${call}`).toBe('accepted');
          else expect(['unknown', 'rejected'], `${doing} ${call}`).toContain(state);
          expect(await world.done()).toEqual([1]);
        }
      }
    },
  );
});
