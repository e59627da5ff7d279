import type { Store } from '@capstan/ports';
import { portErrors } from '@capstan/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { away, holderOf, JournalWorld, withMethods } from './journal.test-support.ts';
import { type Notes, NotingLogic, noNotes } from './owner.test-support.ts';
import { type HeldKey, KeyedOwner, type WithoutStore } from './owner.ts';

const KEY = 'execution/paper';

let world: JournalWorld;
let notes: Notes;
let down: boolean;
let stoodIn: HeldKey[];
beforeEach(() => {
  world = new JournalWorld();
  notes = noNotes();
  down = true;
  stoodIn = [];
});

/** Runs an owner whose store is away while `down` holds. */
function start(withoutStore: WithoutStore) {
  const { bus, kv, clock, log, meter } = world;
  const store = withMethods<Store>(world.store, {
    takeOwnership: (fence) =>
      down
        ? Promise.reject(portErrors.storeUnavailable('the store is away.'))
        : world.store.takeOwnership(fence),
  });
  const ports = { bus, kv, clock, log, meter, store };
  const owner = new KeyedOwner(ports, KEY, 'me', () => new NotingLogic(notes), withoutStore);
  const running = owner.run();
  const stop = async (): Promise<void> => {
    const stopping = owner.stop();
    await world.until(() => owner.status.kind === 'stopped');
    await stopping;
    await running;
  };
  return { owner, stop };
}

describe('while the store is away', () => {
  it('what is given for that is done under the lease, again and again, until the store is back', async () => {
    const { owner, stop } = start(async (key) => {
      expect(key.held()).toBe(true);
      expect(await holderOf(world.kv, KEY)).toBe('me');
      stoodIn.push(key);
    });
    await world.until(() => stoodIn.length >= 3);
    expect(notes.loads).toBe(0);
    down = false;
    await world.until(() => owner.status.kind === 'owning');
    const times = stoodIn.length;
    const tokens = stoodIn.map((key) => key.fence.token);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(new Set(tokens).size).toBe(times);
    await world.clock.advance(5_000);
    expect(stoodIn).toHaveLength(times);
    await stop();
  });

  it('what fails of it is for the next time', async () => {
    const { owner, stop } = start((key) => {
      stoodIn.push(key);
      return Promise.reject(away());
    });
    await world.until(() => stoodIn.length >= 2);
    expect(owner.status).toMatchObject({
      kind: 'failing',
      why: expect.stringContaining('the store is away'),
    });
    await stop();
  });

  it('an owner that was stopped does nothing more', async () => {
    const { stop } = start(async (key) => void stoodIn.push(key));
    await world.until(() => stoodIn.length >= 1);
    await stop();
    const times = stoodIn.length;
    await world.clock.advance(10_000);
    expect(stoodIn).toHaveLength(times);
  });
});

it('another failure than the store is no reason for it', async () => {
  down = false;
  class Failing extends NotingLogic {
    override async load(): Promise<void> {
      this.notes.loads += 1;
      if (this.notes.loads === 1) throw away();
    }
  }
  const { bus, kv, clock, log, meter, store } = world;
  const ports = { bus, kv, clock, log, meter, store };
  const owner = new KeyedOwner(
    ports,
    KEY,
    'me',
    () => new Failing(notes),
    async (key) => void stoodIn.push(key),
  );
  const running = owner.run();
  await world.until(() => owner.status.kind === 'owning');
  expect(stoodIn).toEqual([]);
  const stopping = owner.stop();
  await world.until(() => owner.status.kind === 'stopped');
  await stopping;
  await running;
});
