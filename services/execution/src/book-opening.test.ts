import { cashMicros, type VenueActivity } from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import { expect, it } from 'vitest';
import { at, World } from './test-world.ts';

const OPENING: VenueActivity = {
  ...{ activityId: 'opening', accountId: 'paper', eventAtUs: at(1), kind: 'transfer' },
  amountMicros: cashMicros(57_312_000_000),
};

/** Two owners of position-sync have asked for the opening of an account, one after the other. */
async function twiceAsked(): Promise<World> {
  const world = new World();
  for (const commandId of ['first', 'second']) {
    await world.store.addCommand({
      ...{ commandId, key: 'execution/paper', kind: 'BookActivity', actor: 'position-sync' },
      ...{ payload: JSON.stringify({ activity: OPENING }), state: 'pending' },
      createdAtUs: world.clock.nowUs(),
    });
  }
  return world;
}

async function expectOpenedOnce(world: World): Promise<void> {
  expect(await world.store.entriesAfter('paper', 0, 9)).toMatchObject([
    { activityId: 'opening', botId: HOUSE, amountMicros: 57_312_000_000, accountSequence: 1 },
  ]);
  expect(await world.store.pendingCommands('execution/paper')).toEqual([]);
}

it.each(['before', 'after'] as const)(
  'an opening that is asked for twice is the first entry, once, whichever port call an owner died %s',
  async (when) => {
    const dry = await twiceAsked();
    const { calls } = await dry.run();
    await expectOpenedOnce(dry);
    expect(calls.length).toBeGreaterThan(2);
    for (let call = 1; call <= calls.length; call += 1) {
      const world = await twiceAsked();
      expect((await world.run({ call, when })).kind, `call ${call}`).toBe('crashed');
      await world.run();
      await expectOpenedOnce(world);
    }
  },
);
