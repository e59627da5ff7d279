import { timeUs } from '@capstan/domain';
import type { Bus, BusMessage, SubscribeOptions, Subscription } from '@capstan/ports';
import { drained, MemoryBus, VirtualClock } from '@capstan/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  away,
  bytes,
  HandProducer,
  JournalWorld,
  publishAll,
  withMethods,
} from './journal.test-support.ts';
import { NotingLogic, noNotes } from './owner.test-support.ts';
import { KeyedOwner } from './owner.ts';
import { SharedReadings } from './shared-readings.ts';

const STREAM = 'MARKET';
const SUBJECT = 'market.bar.V.SPY.1m';

let inner: MemoryBus;
/** The subscriptions that are open now, by where they began. */
let subscribed: SubscribeOptions[];
let shared: SharedReadings;
let words: number;

const counting = (): Bus =>
  withMethods<Bus>(inner, {
    subscribe: async (options) => {
      const subscription = await inner.subscribe(options);
      subscribed.push(options);
      return {
        next: () => subscription.next(),
        close: () => {
          subscribed = subscribed.filter((one) => one !== options);
          return subscription.close();
        },
      };
    },
  });
const share = (bus: Bus) =>
  new SharedReadings(bus, { stream: STREAM, filters: [], messagesMax: 4 });

beforeEach(() => {
  inner = new MemoryBus(new VirtualClock(timeUs(1)));
  subscribed = [];
  words = 0;
  shared = share(counting());
});

async function publish(count: number, subject = SUBJECT): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    words += 1;
    const data = bytes(String(words));
    await inner.publish([{ subject, data, headers: {}, messageId: String(words) }]);
  }
}

async function readerAt(afterSequence: number, filters: readonly string[] = [SUBJECT]) {
  await shared.streamState(STREAM);
  return shared.subscribe({ stream: STREAM, filters, afterSequence });
}

async function readThrough(reader: Subscription, sequence: number): Promise<BusMessage[]> {
  const read: BusMessage[] = [];
  while ((read.at(-1)?.sequence ?? 0) < sequence) read.push(...(await reader.next()));
  return read;
}

const sequences = (messages: readonly BusMessage[]) => messages.map(({ sequence }) => sequence);

describe('readers that are close together', () => {
  it('have one subscription, and are handed the very same messages', async () => {
    const readers = await Promise.all(Array.from({ length: 20 }, () => readerAt(0)));
    const reading = Promise.all(readers.map((reader) => readThrough(reader, 3)));
    await publish(3);
    const [first, ...others] = await reading;
    expect(sequences(first ?? [])).toEqual([1, 2, 3]);
    for (const other of others)
      expect(other.every((one, index) => one === first?.[index])).toBe(true);
    expect(subscribed).toHaveLength(1);
  });

  it('each hear what they want, and one wakes nobody else who wants none of it', async () => {
    const reader = await readerAt(0);
    const other = await readerAt(0, ['market.closed.*']);
    let isHeard = false;
    const hearing = other.next().then((messages) => {
      isHeard = true;
      return messages;
    });
    await publish(2);
    await readThrough(reader, 2);
    expect(isHeard).toBe(false);
    await publish(1, 'market.closed.demo');
    void reader.next();
    expect(sequences(await hearing)).toEqual([3]);
  });

  it('let go one by one; the last closes the subscription', async () => {
    const [one, other] = [await readerAt(0), await readerAt(0)];
    const waiting = [one.next(), other.next()];
    await drained();
    await one.close();
    expect(await waiting[0]).toEqual([]);
    expect(subscribed).toHaveLength(1);
    await other.close();
    await other.close();
    expect(await waiting[1]).toEqual([]);
    expect(subscribed).toEqual([]);
    expect(await other.next()).toEqual([]);
  });
});

describe('a reader that is far behind', () => {
  it('reads by itself until it has come to the others, and then with them', async () => {
    await publish(20);
    const foremost = await readerAt(18);
    await readThrough(foremost, 20);
    const late = await readerAt(0);
    expect(sequences(await readThrough(late, 20))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(subscribed.map(({ afterSequence }) => afterSequence)).toEqual([18, 0]);
    const both = Promise.all([readThrough(foremost, 21), readThrough(late, 22)]);
    await publish(1);
    await drained();
    await publish(1);
    const [, last] = await both;
    expect(sequences(last)).toEqual([21, 22]);
    expect(subscribed.map(({ afterSequence }) => afterSequence)).toEqual([18]);
  });

  it('holds up nobody: who is ahead is followed instead', async () => {
    await publish(100);
    const behind = await readerAt(0);
    expect(sequences(await behind.next())).toHaveLength(100);
    await publish(100);
    const ahead = await readerAt(199);
    expect(sequences(await readThrough(ahead, 200))).toEqual([200]);
    // The one behind reads by itself; what was shared from its place on is gone.
    expect(subscribed.map(({ afterSequence }) => afterSequence)).toEqual([0, 199]);
    expect(sequences(await readThrough(behind, 200))[0]).toBe(101);
  });
});

describe('a subscription that fails', () => {
  it('to begin, fails for one, and the others try for themselves', async () => {
    let isAway = true;
    shared = share(
      withMethods<Bus>(counting(), {
        subscribe: (options) => (isAway ? Promise.reject(away()) : inner.subscribe(options)),
      }),
    );
    const [one, other] = [await readerAt(0), await readerAt(0)];
    const first = one.next();
    const second = other.next();
    isAway = false;
    await publish(1);
    await expect(first).rejects.toMatchObject({ code: 'BUS.UNAVAILABLE' });
    expect(sequences(await second)).toEqual([1]);
  });

  it('later, is begun anew by those who have looked how the stream is', async () => {
    const [one, other] = [await readerAt(0), await readerAt(0)];
    const changed = { code: 'BUS.STREAM_CHANGED' };
    const waiting = [one.next(), other.next()].map((next) =>
      expect(next).rejects.toMatchObject(changed),
    );
    await drained();
    inner.recreateStream(STREAM);
    await Promise.all(waiting);
    await expect(one.next()).rejects.toMatchObject(changed);
    await Promise.all([one.close(), other.close()]);
    const [again, too] = [await readerAt(0), await readerAt(0)];
    await publish(1);
    expect(await again.next()).toEqual(await too.next());
    expect(subscribed).toHaveLength(1);
  });

  it('because the stream dropped what comes next, does not stand in the way of the next one', async () => {
    const [one, other] = [await readerAt(0), await readerAt(0)];
    await publish(3);
    inner.dropThrough(STREAM, 1);
    await expect(one.next()).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
    await one.close();
    const again = await readerAt(1);
    expect(sequences(await again.next())).toEqual([2, 3]);
    await expect(other.next()).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
  });

  it('because the bus is closed, ends the reading', async () => {
    const closed: Subscription = { next: async () => [], close: async () => undefined };
    shared = share(withMethods<Bus>(inner, { subscribe: async () => closed }));
    const [one, other] = [await readerAt(0), await readerAt(0)];
    expect(await Promise.all([one.next(), other.next()])).toEqual([[], []]);
    expect(await one.next()).toEqual([]);
  });
});

it('tells everybody when somebody sees that the stream has lost its end', async () => {
  let lastSequence = 5;
  shared = share(
    withMethods<Bus>(counting(), {
      streamState: async () => ({ epochUs: timeUs(1), firstSequence: 1, lastSequence }),
    }),
  );
  await publish(5);
  const reader = await readerAt(0);
  await readThrough(reader, 5);
  lastSequence = 2;
  await shared.streamState(STREAM);
  await expect(reader.next()).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
});

describe('owners that share a reading', () => {
  const TRADING = 'trading.approved.paper';

  it('keep their own places, over restarts, gaps and a stream made anew', async () => {
    const world = new JournalWorld();
    const producer = await HandProducer.start(world, 'risk/paper');
    const through = new SharedReadings(world.bus, { stream: 'TRADING', filters: ['trading.>'] });
    const start = (key: string, notes: ReturnType<typeof noNotes>) => {
      class Sharing extends NotingLogic {
        override readonly inputs = [{ stream: 'TRADING', filters: [TRADING], through }];
      }
      const owner = new KeyedOwner(world, key, `life of ${key}`, () => new Sharing(notes));
      void owner.run();
      return owner;
    };
    const [one, other] = [noNotes(), noNotes()];
    const first = start('bot/one', one);
    await publishAll(world.bus, await producer.commit(TRADING, ['1', '2']));
    await world.until(() => one.heard.length === 2);
    let second = start('bot/other', other);
    await world.until(() => other.heard.length === 2);
    await second.stop();
    const [three, , five] = await producer.commit(TRADING, ['3', '4', '5']);
    if (three === undefined || five === undefined) throw new Error('nothing committed');
    await publishAll(world.bus, [three, five]);
    await world.until(() => one.heard.length === 5);
    second = start('bot/other', other);
    await world.until(() => other.heard.length === 5);
    await producer.commit(TRADING, ['6']);
    world.bus.recreateStream('TRADING');
    await world.until(() => one.heard.length === 6 && other.heard.length === 6);
    await first.stop();
    await publishAll(world.bus, await producer.commit(TRADING, ['7']));
    await world.until(() => other.heard.length === 7);
    await second.stop();
    expect(other.heard).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(one.heard).toEqual(other.heard.slice(0, 6));
  });
});
