import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OPENING_ID } from './opening.ts';
import { OpeningWorld } from './opening-world.fixture.ts';

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'book' }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'apply' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('move'),
      amount: fc.integer({ min: -500, max: 500 }).filter((one) => one !== 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('die'),
      calls: fc.integer({ min: 0, max: 12 }),
      isDone: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'takeOver' }) },
);

it('opens an account once, whatever fails or moves meanwhile: the ledgers sum to the broker’s cash, and nothing ever drifts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -1_000, max: 60_000 }),
      fc.array(step, { maxLength: 25 }),
      async (cash, steps) => {
        const world = await OpeningWorld.at(cash);
        world.run();
        for (const one of steps) {
          if ('ms' in one) await world.clock.advance(one.ms);
          else if ('amount' in one) world.move(one.amount);
          else if ('calls' in one) world.dieAfter(one.calls, one.isDone);
          else if (one.kind === 'book') await world.bookAsked();
          else if (one.kind === 'apply') await world.apply();
          else {
            await world.stop();
            world.run();
          }
        }
        await world.settle();
        expect(world.ledger).toBe(world.account.cashMicros);
        const openings = world.asked.filter(({ activityId }) => activityId === OPENING_ID);
        expect(new Set(openings.map((one) => JSON.stringify(one))).size).toBeLessThanOrEqual(1);
        expect(await world.drifts(false)).toEqual([]);
        await world.stop();
      },
    ),
    {
      numRuns: 60,
      examples: [
        // Two owners that look in the same microsecond.
        [
          1,
          [
            { kind: 'book' },
            { kind: 'apply' },
            { kind: 'book' },
            { kind: 'apply' },
            { kind: 'takeOver' },
          ],
        ],
      ],
    },
  );
});
