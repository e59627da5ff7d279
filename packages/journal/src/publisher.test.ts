import type { Bus, OutboxMessage } from '@capstan/ports';
import { beforeEach, expect, it } from 'vitest';
import { away, bytes, JournalWorld, refused, textOf, withMethods } from './journal.test-support.ts';
import { LIMITS } from './limits.ts';
import { Publisher } from './publisher.ts';

const message = (sequence: number): OutboxMessage => ({
  producer: 'risk/paper',
  sequence,
  subject: 'trading.approved.paper',
  headers: { traceparent: `t${sequence}` },
  data: bytes(String(sequence)),
});
const messages = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => message(first + index));

let world: JournalWorld;
let failures: unknown[];
let isHeld: boolean;
beforeEach(() => {
  world = new JournalWorld();
  failures = [];
  isHeld = true;
});
const publisherOver = (bus: Bus = world.bus, publishedThrough = 0) =>
  new Publisher(
    { bus, clock: world.clock, log: world.log, held: () => isHeld },
    publishedThrough,
    (error) => failures.push(error),
  );
const stored = () => world.bus.messages('TRADING').map(({ data }) => textOf(data));

it('publishes in sequence, more than one batch too, and knows how far', async () => {
  const publisher = publisherOver(world.bus, 7);
  expect(publisher.publishedThrough).toBe(7);
  const many = LIMITS.batchMax * 2 + 3;
  publisher.enqueue(messages(8, 8 + many - 1));
  publisher.enqueue(messages(8 + many, 8 + many));
  await publisher.flush();
  expect(stored()).toEqual(messages(8, 8 + many).map(({ sequence }) => String(sequence)));
  expect(publisher.publishedThrough).toBe(8 + many);
  await publisher.flush();
});

it('says of each message whose it is', async () => {
  const sent: unknown[] = [];
  const bus = withMethods<Bus>(world.bus, {
    publish: async (outgoing) => {
      sent.push(...outgoing);
      return [1];
    },
  });
  const publisher = publisherOver(bus);
  publisher.enqueue([message(1)]);
  await publisher.flush();
  expect(sent).toEqual([
    {
      subject: 'trading.approved.paper',
      data: bytes('1'),
      headers: {
        traceparent: 't1',
        'capstan-producer': 'risk/paper',
        'capstan-sequence': '1',
      },
      messageId: 'risk/paper:1',
    },
  ]);
});

it('sends again what was not acknowledged, with all that follow, until it is', async () => {
  let calls = 0;
  const bus = withMethods<Bus>(world.bus, {
    publish: async (outgoing) => {
      calls += 1;
      if (calls > 3) return world.bus.publish(outgoing);
      // The first of the batch is stored, and nobody hears of it.
      await world.bus.publish(outgoing.slice(0, 1));
      throw away();
    },
  });
  const publisher = publisherOver(bus);
  publisher.enqueue(messages(1, 5));
  await world.clock.advance(LIMITS.retryFirstMs);
  expect([calls, publisher.publishedThrough]).toEqual([2, 0]);
  publisher.enqueue(messages(6, 6));
  await world.clock.advance(LIMITS.retryFirstMs * 6);
  await publisher.flush();
  expect(stored()).toEqual(['1', '2', '3', '4', '5', '6']);
  expect([calls, publisher.publishedThrough]).toEqual([4, 6]);
  expect(world.messages()).toHaveLength(3);
  expect(failures).toEqual([]);
});

it('ends at once when it is stopped, and publishes nothing after', async () => {
  const publisher = publisherOver(
    withMethods<Bus>(world.bus, { publish: () => Promise.reject(away()) }),
  );
  publisher.enqueue(messages(1, 2));
  await world.clock.advance(10);
  publisher.stop();
  await publisher.flush();
  expect(world.clock.sleepers).toBe(0);
  publisher.enqueue(messages(3, 3));
  await publisher.flush();
  expect(publisher.publishedThrough).toBe(0);
});

it('publishes nothing while its lease is not held, and goes on where that was a late renewal', async () => {
  const publisher = publisherOver();
  isHeld = false;
  publisher.enqueue(messages(1, 2));
  await world.clock.advance(LIMITS.leaseTtlMs);
  expect(stored()).toEqual([]);
  isHeld = true;
  await world.clock.advance(LIMITS.retryFirstMs);
  await publisher.flush();
  expect(stored()).toEqual(['1', '2']);
});

it('publishes nothing more of what waits to be sent again once its lease is over', async () => {
  let calls = 0;
  const bus = withMethods<Bus>(world.bus, {
    publish: () => {
      calls += 1;
      isHeld = false;
      return Promise.reject(away());
    },
  });
  const publisher = publisherOver(bus);
  publisher.enqueue(messages(1, 2));
  await world.clock.advance(LIMITS.leaseTtlMs);
  publisher.stop();
  await publisher.flush();
  expect([calls, world.clock.sleepers]).toEqual([1, 0]);
});

it('tells its owner of an error that does not heal, once', async () => {
  const publisher = publisherOver(
    withMethods<Bus>(world.bus, { publish: () => Promise.reject(refused()) }),
  );
  publisher.enqueue(messages(1, 2));
  await publisher.flush();
  publisher.enqueue(messages(3, 3));
  await publisher.flush();
  expect(failures).toEqual([expect.objectContaining({ code: 'BUS.REFUSED' })]);
  expect(publisher.publishedThrough).toBe(0);
});
