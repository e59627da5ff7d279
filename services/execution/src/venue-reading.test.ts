import type { VenueUpdate, VenueUpdates } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { at, terms, World } from './test-world.ts';
import { VenueReading } from './venue-reading.ts';

/** A stream that says what it is given. */
class Stream implements VenueUpdates {
  isClosed = false;
  #say: (updates: readonly VenueUpdate[]) => void = () => undefined;

  next(): Promise<readonly VenueUpdate[]> {
    return new Promise((resolve) => {
      this.#say = resolve;
    });
  }

  say(sliceEndUs: number): void {
    const of = { accountId: 'paper', feed: 'demo', afterSequence: 0 };
    this.#say([{ kind: 'slice', ...of, sliceEndUs: at(sliceEndUs) }]);
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#say([]);
    return Promise.resolve();
  }
}

describe('VenueReading', () => {
  it('goes on with the new stream where the old one was waited for, and closes that', async () => {
    const streams: Stream[] = [];
    const reading = await VenueReading.open(async () => {
      streams.push(new Stream());
      return streams.at(-1) as Stream;
    });
    const waits = reading.next();
    await reading.again();
    streams[1]?.say(2);
    expect(await waits).toMatchObject([{ sliceEndUs: at(2) }]);
    expect(streams.map((one) => one.isClosed)).toEqual([true, false]);
    const last = reading.next();
    await reading.close();
    expect(await last).toEqual([]);
    await reading.again();
    expect(streams.map((one) => one.isClosed)).toEqual([true, true, true]);
  });
});

describe('a fill that a healthy stream dropped', () => {
  it('is counted once, as soon as somebody asks for the events again', async () => {
    const world = new World();
    world.slice(1, [terms('a')]);
    await world.run();
    world.venue.silent = true;
    world.venue.fill('a', 10);
    await world.run();
    expect(await world.order('a')).toMatchObject({ state: 'accepted', filledQuantity: 0 });
    let opened = 0;
    world.onCall = (name) => {
      if (name === 'venue.updates') opened += 1;
      world.venue.silent = opened < 2;
    };
    const answer = await world.command('ReadVenueAgain', {});
    expect(answer).toMatchObject({ state: 'done', result: expect.stringContaining('after 0') });
    expect(opened).toBe(2);
    expect(await world.order('a')).toMatchObject({ state: 'filled', filledQuantity: 10 });
    await world.command('ReadVenueAgain', { once: 'more' });
    expect(await world.store.fillsAfter('paper', 0, 10)).toHaveLength(1);
  });
});
