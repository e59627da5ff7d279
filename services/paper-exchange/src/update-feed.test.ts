import { cashMicros, priceNanos, quantity, type VenueEvent } from '@capstan/domain';
import { drained } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { at } from './exchange-world.fixture.ts';
import { UpdateFeed } from './update-feed.ts';

const event = (sequence: number): VenueEvent => ({
  kind: 'filled',
  sequence,
  accountId: 'paper',
  orderId: 'a',
  eventAtUs: at(1),
  executionId: `x${sequence}`,
  quantity: quantity(1),
  priceNanos: priceNanos(1e9),
  feeMicros: cashMicros(0),
});
const events = (from: number, through: number) =>
  Array.from({ length: through - from + 1 }, (_, index) => event(from + index));

describe('UpdateFeed', () => {
  it('gives each reader what comes after its sequence, in batches', async () => {
    const feed = new UpdateFeed();
    feed.add('paper', events(1, 1_050));
    const reader = feed.open('paper', 20);
    expect(await reader.next()).toHaveLength(1_024);
    expect(await reader.next()).toHaveLength(6);
    const late = reader.next();
    feed.add('paper', []);
    feed.add('paper', events(1_051, 1_051));
    expect(await late).toMatchObject([{ kind: 'event', event: { sequence: 1_051 } }]);
  });

  it('reports a slice only after the events that were known then', async () => {
    const feed = new UpdateFeed();
    feed.add('paper', events(1, 1_028));
    feed.slice('paper', 'demo', at(1));
    const reader = feed.open('paper', 0);
    expect((await reader.next()).every((update) => update.kind === 'event')).toBe(true);
    const rest = await reader.next();
    expect(rest).toHaveLength(5);
    expect(rest.at(-1)).toMatchObject({ kind: 'slice', feed: 'demo', sliceEndUs: at(1) });
  });

  it('tells a new reader of the last slice of each feed, and an old one of none twice', async () => {
    const feed = new UpdateFeed();
    feed.slice('paper', 'demo', at(1));
    const old = feed.open('paper', 0);
    expect(await old.next()).toHaveLength(1);
    feed.slice('paper', 'demo', at(1));
    feed.slice('paper', 'other', at(2));
    expect(await old.next()).toMatchObject([{ feed: 'other' }]);
    expect(await feed.open('paper', 0).next()).toHaveLength(2);
  });

  it('lets all readers go when it closes', async () => {
    const feed = new UpdateFeed();
    const waiting = feed.open('paper', 0).next();
    await drained();
    feed.close();
    expect(await waiting).toEqual([]);
  });

  it('takes no event out of turn', () => {
    expect(() => new UpdateFeed().add('paper', [event(2)])).toThrow(/out of turn/);
  });
});
