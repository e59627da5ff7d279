import { timeUs } from '@capstan/domain';
import type { CommandRecord } from '@capstan/ports';
import { MemoryBus, MemoryLog, MemoryStore, nullMeter, VirtualClock } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { Recovery, type Standing } from './recovery.ts';

const KEY = 'execution/paper';

class World {
  readonly clock = new VirtualClock(timeUs(1_704_301_200_000_000));
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly bus = new MemoryBus(this.clock);
  readonly #recovery = new Recovery(
    { store: this.store, clock: this.clock, bus: this.bus, meter: nullMeter },
    'paper',
  );

  async look(standing: Partial<Standing>): Promise<void> {
    await this.clock.advance(1_000);
    await this.#recovery.look(this.log, {
      ...{ mark: '1', isSettled: true, differs: false },
      ...standing,
    });
  }

  pending(): Promise<readonly CommandRecord[]> {
    return this.store.pendingCommands(KEY);
  }

  async answer(): Promise<void> {
    const fence = { key: KEY, epochUs: timeUs(1), token: 1 };
    await this.store.takeOwnership(fence);
    const commands = (await this.pending()).map(({ commandId }) => ({
      ...{ commandId, state: 'done' as const, result: '' },
    }));
    await this.store.commit({ fence, commands });
  }
}

describe('Recovery', () => {
  it('asks where the account does not settle and the venue has nothing new', async () => {
    const world = new World();
    await world.look({ isSettled: false });
    await world.look({ isSettled: false, mark: '2' });
    expect(await world.pending()).toEqual([]);
    await world.look({ isSettled: false, mark: '2' });
    expect(await world.pending()).toMatchObject([{ kind: 'ReadVenueAgain', key: KEY }]);
  });

  it('gives notice of its question with every look until it is answered', async () => {
    const world = new World();
    const noticed: string[] = [];
    world.bus.notify = (subject) => Promise.resolve(void noticed.push(subject));
    for (const _ of [1, 2, 3]) await world.look({ differs: true });
    expect(await world.pending()).toHaveLength(1);
    expect(noticed).toHaveLength(3);
    await world.answer();
    await world.look({});
    expect(noticed).toHaveLength(3);
  });

  it('asks nothing of what settles in between', async () => {
    const world = new World();
    for (const isSettled of [false, true, false, true]) await world.look({ isSettled });
    expect(await world.pending()).toEqual([]);
  });

  it('asks at the first difference, and again only once it was answered', async () => {
    const world = new World();
    await world.look({ differs: true });
    await world.look({ differs: true });
    expect(await world.pending()).toHaveLength(1);
    await world.answer();
    expect(await world.pending()).toEqual([]);
    await world.look({ differs: true });
    expect(await world.pending()).toHaveLength(1);
  });
});
