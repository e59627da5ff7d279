import { cashMicros, timeUs } from '@capstan/domain';
import type { BrokerVenue, CommandRecord, VenueActivity, VenueCapabilities } from '@capstan/ports';
import {
  MemoryBus,
  MemoryLog,
  MemoryStore,
  nullMeter,
  portErrors,
  VirtualClock,
} from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { Activities } from './activities.ts';

const KEY = 'execution/paper';

/** A venue that tells of some interest, a page of two at a time, and an execution that answers when it is told to. */
class World {
  readonly clock = new VirtualClock(timeUs(1_704_301_200_000_000));
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly bus = new MemoryBus(this.clock);
  readonly told: VenueActivity[] = [];
  isDown = false;
  capabilities: VenueCapabilities['activities'] = 'all';

  follow(cursor?: string): Activities {
    const venue: Partial<BrokerVenue> = {
      capabilities: { activities: this.capabilities } as VenueCapabilities,
      activities: async (_account, after) => {
        if (this.isDown) throw portErrors.venueUnavailable('the venue is down');
        const place = this.told.findIndex((one) => one.activityId === after);
        return this.told.slice(place + 1, place + 3);
      },
    };
    const { store, clock, bus } = this;
    const ports = { store, clock, bus, meter: nullMeter };
    return new Activities({ ...ports, venue: venue as BrokerVenue }, 'paper', cursor);
  }

  tell(...activityIds: readonly string[]): void {
    for (const activityId of activityIds) {
      const eventAtUs = this.clock.nowUs();
      const head = { activityId, accountId: 'paper', eventAtUs };
      this.told.push({ ...head, kind: 'interest', amountMicros: cashMicros(1) });
    }
  }

  async look(activities: Activities) {
    await this.clock.advance(1_000);
    return activities.look(this.log);
  }

  pending(): Promise<readonly CommandRecord[]> {
    return this.store.pendingCommands(KEY);
  }

  /** Returns what execution was asked to book, and answers. */
  async answer(state: 'done' | 'refused'): Promise<readonly string[]> {
    const fence = { key: KEY, epochUs: timeUs(1), token: 1 };
    await this.store.takeOwnership(fence);
    const pending = await this.pending();
    const commands = pending.map(({ commandId }) => ({ commandId, state, result: 'as asked' }));
    await this.store.commit({ fence, commands });
    return pending.map(({ payload }) => JSON.parse(payload).activity.activityId);
  }
}

describe('Activities', () => {
  it('has execution book what the venue tells, one after the other', async () => {
    const world = new World();
    const activities = world.follow();
    expect(await world.look(activities)).toEqual({ isBooked: true });
    world.tell('A', 'B');
    expect(await world.look(activities)).toEqual({ isBooked: false });
    expect(await world.look(activities)).toEqual({ isBooked: false });
    expect(await world.answer('done')).toEqual(['A']);
    expect(await world.look(activities)).toEqual({ isBooked: false, booked: world.told[0] });
    expect(activities.cursor).toBe('A');
    expect(await world.answer('done')).toEqual(['B']);
    expect(await world.look(activities)).toEqual({ isBooked: true, booked: world.told[1] });
    expect(await world.look(activities)).toEqual({ isBooked: true });
    expect(await world.pending()).toEqual([]);
  });

  it('asks again where execution was not ready for it, and a new owner goes on after what was booked', async () => {
    const world = new World();
    world.tell('A', 'B', 'C');
    const activities = world.follow('A');
    await world.look(activities);
    expect(await world.answer('refused')).toEqual(['B']);
    expect(await world.look(activities)).toEqual({ isBooked: false });
    expect(activities.cursor).toBe('A');
    expect(await world.answer('done')).toEqual(['B']);
  });

  it('is in a hurry for an answer, and in none where execution refuses again and again, until it books', async () => {
    const world = new World();
    world.tell('A', 'B');
    const activities = world.follow();
    expect(activities.isAwaited).toBe(false);
    const hurried: boolean[] = [];
    for (let look = 0; look < 8; look += 1) {
      await world.look(activities);
      hurried.push(activities.isAwaited);
      if (look % 2 === 1) await world.answer('refused');
    }
    expect(hurried).toEqual([true, true, true, true, true, false, false, false]);
    await world.look(activities);
    await world.answer('done');
    await world.look(activities);
    expect(activities).toMatchObject({ cursor: 'A', isAwaited: true });
    await world.answer('done');
    await world.look(activities);
    expect(activities.isAwaited).toBe(false);
  });

  it('hands on what was booked also where the venue did not answer in between', async () => {
    const world = new World();
    world.tell('A');
    const activities = world.follow();
    await world.look(activities);
    await world.answer('done');
    world.isDown = true;
    await expect(world.look(activities)).rejects.toMatchObject({ code: 'VENUE.UNAVAILABLE' });
    world.isDown = false;
    expect(await world.look(activities)).toEqual({ isBooked: true, booked: world.told[0] });
    expect(await world.look(activities)).toEqual({ isBooked: true });
  });

  it('passes over what a venue’s list has of before the first look', async () => {
    const world = new World();
    world.capabilities = 'recent';
    world.tell('A', 'B', 'C');
    const activities = world.follow();
    expect(await world.look(activities)).toEqual({ isBooked: true });
    expect(activities.cursor).toBe('C');
    world.tell('D');
    await world.look(activities);
    expect(await world.answer('done')).toEqual(['D']);
  });

  it('asks a venue nothing that tells of none', async () => {
    const world = new World();
    world.capabilities = 'none';
    world.tell('A');
    expect(await world.look(world.follow())).toEqual({ isBooked: true });
    expect(await world.pending()).toEqual([]);
  });

  it('gives notice of what it asks with every look until it is answered', async () => {
    const world = new World();
    const noticed: string[] = [];
    world.bus.notify = (subject) => Promise.resolve(void noticed.push(subject));
    world.tell('a');
    const activities = world.follow();
    for (const _ of [1, 2, 3]) await world.look(activities);
    expect(await world.pending()).toHaveLength(1);
    expect(noticed).toHaveLength(3);
  });
});
