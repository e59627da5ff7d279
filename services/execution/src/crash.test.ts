import { describe, expect, it } from 'vitest';
import { CAREFUL, type Doing } from './test-venue.ts';
import { terms, World } from './test-world.ts';

const PLANS: readonly { readonly name: string; readonly doings: readonly Doing[] }[] = [
  { name: 'orders that the venue takes', doings: [] },
  { name: 'orders that fill before they are accepted', doings: ['fillFirst', 'accept'] },
  { name: 'an order that is refused', doings: ['reject', 'accept'] },
  { name: 'orders without an answer', doings: ['lost', 'unanswered'] },
];

function worldOf(doings: readonly Doing[], enforces: boolean): World {
  const world = new World();
  world.venue.capabilities = { ...CAREFUL, enforcesClientOrderId: enforces };
  world.venue.doings.push(...doings);
  world.slice(1, [terms('a'), terms('b', { symbol: 'QQQ' })]);
  world.slice(2, []);
  return world;
}

/** What must be true however often owners died. */
async function expectSound(world: World, enforces: boolean): Promise<void> {
  expect(world.venue.doubled).toBe(0);
  expect(await world.done()).toEqual([1, 2]);
  for (const orderId of ['a', 'b']) {
    const order = await world.order(orderId);
    const placed = world.venue.placed(orderId);
    if (placed === undefined) {
      expect(enforces).toBe(false);
      expect(order.state).toBe('rejected');
      continue;
    }
    const states = { working: 'accepted', filled: 'filled', rejected: 'rejected' } as const;
    expect(order.state).toBe(states[placed.state as keyof typeof states]);
    expect(order.filledQuantity).toBe(placed.filled);
  }
  const fills = await world.store.fillsAfter('paper', 0, 100);
  expect(fills.map((fill) => fill.accountSequence)).toEqual(fills.map((_, index) => index + 1));
  const filled = world.venue.events.filter((event) => event.kind === 'filled');
  expect(fills.map((fill) => fill.fillId)).toEqual(filled.map((event) => event.executionId));
  const told = (await world.told()).fills.flatMap((event) => event.fills);
  expect(told).toEqual(fills);
}

describe.each([true, false])('where the venue refuses a second order of an id: %s', (enforces) => {
  describe.each(PLANS)('an owner that dies over $name', ({ doings }) => {
    it.each(['before', 'after'] as const)(
      'loses and doubles nothing, whichever port call it died %s',
      async (when) => {
        const dry = worldOf(doings, enforces);
        const { calls } = await dry.run();
        await expectSound(dry, enforces);
        expect(calls.length).toBeGreaterThan(8);
        for (let call = 1; call <= calls.length; call += 1) {
          const world = worldOf(doings, enforces);
          const life = await world.run({ call, when });
          expect(life.kind, `call ${call}`).toBe('crashed');
          await world.run();
          await expectSound(world, enforces);
        }
      },
    );
  });

  it('an owner that dies at each of its next calls in turn ends where it should', async () => {
    const world = worldOf(['unanswered', 'fillFirst'], enforces);
    let lives = 0;
    for (let call = 1; ; call += 1) {
      const life = await world.run({ call, when: call % 2 === 0 ? 'before' : 'after' });
      lives += 1;
      if (life.kind === 'idle') break;
    }
    expect(lives).toBeGreaterThan(5);
    await expectSound(world, enforces);
  });
});
