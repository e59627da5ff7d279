import { STREAMS } from '@capstan/contracts';
import { hasCode } from '@capstan/domain';
import { waitUntil } from '@capstan/embedded';
import type { Log, Subscription } from '@capstan/ports';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  numbers,
  outgoing,
  readMany,
  silentLog,
  TestNats,
  textOf,
  untilConnected,
} from './bus.test-support.ts';
import { type BusConnection, type BusOptions, connectBus } from './connect-bus.ts';

let nats: TestNats;
let open: BusConnection[] = [];

beforeEach(async () => {
  nats = await TestNats.start();
});
afterEach(async () => {
  for (const bus of open) await bus.close();
  open = [];
  await nats.stop();
});

async function connected(options: Partial<BusOptions> = {}): Promise<BusConnection> {
  const bus = await connectBus({ servers: nats.url, name: 'test', log: silentLog, ...options });
  open.push(bus);
  return bus;
}

const SUBJECT = 'trading.order.a';
/** Buckets ask for no room beforehand, and need some. */
const BUCKETS_BYTES = 1024 * 1024;
const reading = { stream: 'TRADING', filters: [], afterSequence: 0 };

/** Publishes until it succeeds, the same messages with the same ids. */
async function publishStubbornly(bus: BusConnection, texts: readonly string[]): Promise<void> {
  for (;;) {
    try {
      await bus.bus.publish(texts.map((text) => outgoing(SUBJECT, text)));
      return;
    } catch (error) {
      if (!hasCode(error, 'BUS.UNAVAILABLE')) throw error;
    }
  }
}

/** Reads until it is closed. */
async function readToTheEnd(
  subscription: Subscription,
  onRead: (sequence: number) => void = () => undefined,
): Promise<void> {
  for (;;) {
    const last = (await subscription.next()).at(-1);
    if (last === undefined) return;
    onRead(last.sequence);
  }
}

describe('a killed server', () => {
  test('loses, doubles and reorders nothing under a publisher and readers', async () => {
    const [writer, reader] = [await connected(), await connected()];
    const all = await reader.bus.subscribe(reading);
    const filtered = await reader.bus.subscribe({ ...reading, filters: [SUBJECT] });
    const texts = numbers(6_000);
    let sent = 0;
    const writing = (async () => {
      for (; sent < texts.length; sent += 40) {
        await publishStubbornly(writer, texts.slice(sent, sent + 40));
      }
    })();
    for (const share of [0.2, 0.5, 0.8]) {
      expect(await waitUntil(() => sent >= share * texts.length, 10_000)).toBe(true);
      await nats.kill();
      await nats.up();
    }
    const [read, some] = await Promise.all([readMany(all, 6_000), readMany(filtered, 6_000)]);
    await writing;
    expect(read.map(textOf)).toEqual(texts);
    expect(some.map(textOf)).toEqual(texts);
    expect(read.map((one) => one.sequence)).toEqual(texts.map((_, index) => index + 1));
    expect(reader.status().reconnects).toBeGreaterThan(0);
    expect(writer.status().reconnects).toBeGreaterThan(0);
  });

  test('refuses promptly what is asked meanwhile, and nothing of it is sent later', async () => {
    const bus = await connected();
    const seen: boolean[] = [];
    bus.onStatus((status) => seen.push(status.connected));
    await nats.kill();
    await untilConnected(bus, false);
    const started = performance.now();
    const calls = [
      bus.bus.publish([outgoing(SUBJECT, 'lost')]),
      bus.bus.streamState('TRADING'),
      bus.bus.subscribe(reading),
      bus.kv.put('switches', 'kill', new Uint8Array(1)),
      bus.kv.get('switches', 'kill'),
      bus.requests.request('rpc.x', new Uint8Array(), { timeoutMs: 10_000 }),
      bus.workQueue.take({ subject: 'backtest.work.x', max: 1, waitMs: 10_000 }),
      bus.blobs.get('00'),
    ];
    const codes = (await Promise.allSettled(calls)).map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason.code : 'fulfilled',
    );
    expect(codes).toEqual(calls.map(() => 'BUS.UNAVAILABLE'));
    expect(performance.now() - started).toBeLessThan(4_000);
    await bus.bus.notify('control.x', new Uint8Array());
    await nats.up();
    await untilConnected(bus, true);
    expect(await bus.bus.publish([outgoing(SUBJECT, 'kept')])).toEqual([1]);
    expect(seen).toEqual([false, true]);
  });

  test('carries a short absence without an error', async () => {
    const bus = await connected();
    await nats.kill();
    await untilConnected(bus, false);
    const publishing = bus.bus.publish([outgoing(SUBJECT, 'a')]);
    await nats.up();
    expect(await publishing).toEqual([1]);
  });

  test('keeps watches, listeners and servers of requests going', async () => {
    const bus = await connected();
    const bytes = (text: string) => new TextEncoder().encode(text);
    const watch = await bus.kv.watch('switches', '>');
    const listener = await bus.bus.listen('control.command.*');
    await bus.requests.serve('rpc.echo', 'q', async (data, headers) => ({ data, headers }));
    const first = await bus.kv.put('switches', 'kill', bytes('off'));
    expect(await watch.next()).toMatchObject([{ key: 'kill', revision: first }]);
    await nats.restart(bus);
    await bus.kv.put('switches', 'kill', bytes('on'));
    expect((await watch.next()).map((entry) => textOf({ data: entry.value }))).toEqual(['on']);
    await bus.bus.notify('control.command.a', bytes('x'));
    expect((await listener.next()).map(textOf)).toEqual(['x']);
    const ask = bus.requests.request('rpc.echo', bytes('y'), {
      timeoutMs: 2_000,
      headers: { k: 'v' },
    });
    expect(await ask).toMatchObject({ headers: { k: 'v' } });
  });
});

describe('a server that comes back empty', () => {
  test('tells every reader, and a new reading begins', async () => {
    const bus = await connected();
    const before = await bus.bus.streamState('TRADING');
    await bus.bus.publish([outgoing(SUBJECT, 'a')]);
    const subscription = await bus.bus.subscribe(reading);
    await readMany(subscription, 1);
    const watch = await bus.kv.watch('switches', '>');
    await bus.kv.put('switches', 'x', new Uint8Array([1]));
    await watch.next();
    const told = expect(subscription.next()).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
    nats.forget();
    await nats.restart(bus);
    await told;
    await expect(subscription.next()).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
    const state = async () => bus.bus.streamState('TRADING').catch(() => undefined);
    expect(await waitUntil(async () => (await state()) !== undefined, 5_000)).toBe(true);
    const after = await bus.bus.streamState('TRADING');
    expect(after.epochUs).toBeGreaterThan(before.epochUs);
    expect(after).toMatchObject({ firstSequence: 1, lastSequence: 0 });
    const renewed = bus.bus.subscribe({ ...reading, afterSequence: 1 });
    await expect(renewed).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
    const put = async () => bus.kv.put('switches', 'y', new Uint8Array([2])).catch(() => undefined);
    expect(await waitUntil(async () => (await put()) !== undefined, 5_000)).toBe(true);
    expect(await watch.next()).toMatchObject([{ key: 'y' }]);
  });
});

describe('a slow reader', () => {
  const management = async () => {
    const operator = await connect({ servers: nats.url });
    const { streams, consumers } = await jetstreamManager(operator);
    return { operator, streams, consumers };
  };
  const waves = async (bus: BusConnection, from: number, to: number) => {
    const texts = numbers(to).slice(from);
    await bus.bus.publish(texts.map((text) => outgoing(SUBJECT, text)));
  };

  test('reads 10,000 messages in order, whatever its batch', async () => {
    const bus = await connected();
    await waves(bus, 0, 10_000);
    for (const maxBatch of [1_000, 256, 7]) {
      const subscription = await bus.bus.subscribe({ ...reading, maxBatch });
      const read = await readMany(subscription, 10_000);
      expect(read.map(textOf)).toEqual(numbers(10_000));
      await subscription.close();
    }
  });

  test('reads several subjects among others in order', async () => {
    const bus = await connected();
    const tokens = ['order.a', 'fill.a', 'signal.b'];
    const texts = numbers(10_002);
    const subjectOf = (text: string) => `trading.${tokens[Number(text) % 3]}`;
    await bus.bus.publish(texts.map((text) => outgoing(subjectOf(text), text)));
    const filters = ['trading.order.a', 'trading.fill.>'];
    const subscription = await bus.bus.subscribe({ ...reading, filters });
    const read = await readMany(subscription, 6_668);
    expect(read.map(textOf)).toEqual(texts.filter((text) => Number(text) % 3 < 2));
  });

  test('holds no more than its share, and misses nothing that the server keeps', async () => {
    const bus = await connected();
    const { operator, consumers } = await management();
    const subscription = await bus.bus.subscribe(reading);
    await waves(bus, 0, 5_000);
    const delivered = async () => {
      const [reader] = await consumers.list('TRADING').next();
      return reader?.delivered.consumer_seq;
    };
    expect(await waitUntil(async () => (await delivered()) === 1_024, 5_000)).toBe(true);
    await waves(bus, 5_000, 6_000);
    expect(await delivered()).toBe(1_024);
    expect((await readMany(subscription, 6_000)).map(textOf)).toEqual(numbers(6_000));
    await operator.close();
  });

  test.each([
    { how: 'everything', filters: [] },
    { how: 'one subject', filters: [SUBJECT] },
  ])('is told when the server dropped what it has not read of $how', async ({ filters }) => {
    const bus = await connected();
    const { operator, streams } = await management();
    const subscription = await bus.bus.subscribe({ ...reading, filters });
    await waves(bus, 0, 4_000);
    expect((await subscription.next())[0]?.sequence).toBe(1);
    await streams.purge('TRADING', { seq: 3_500 });
    let last = 0;
    const readOn = readToTheEnd(subscription, (sequence) => {
      last = sequence;
    });
    await expect(readOn).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
    expect(last).toBeLessThan(3_500);
    await operator.close();
  });

  test('is told of a drop while nothing new comes', async () => {
    const bus = await connected();
    const { operator, streams } = await management();
    const subscription = await bus.bus.subscribe({ ...reading, filters: [SUBJECT] });
    await waves(bus, 0, 4_000);
    await subscription.next();
    await streams.purge('TRADING');
    await expect(readToTheEnd(subscription)).rejects.toMatchObject({ code: 'BUS.STREAM_CHANGED' });
    await operator.close();
  });

  test('reads on when only messages that it has read are dropped', async () => {
    const bus = await connected();
    const { operator, streams } = await management();
    const all = await bus.bus.subscribe(reading);
    const other = await bus.bus.subscribe({ ...reading, filters: ['trading.fill.b'] });
    await waves(bus, 0, 100);
    await readMany(all, 100);
    await streams.purge('TRADING');
    await bus.bus.publish([outgoing('trading.fill.b', 'on')]);
    expect((await readMany(all, 1)).map(textOf)).toEqual(['on']);
    expect((await readMany(other, 1)).map(textOf)).toEqual(['on']);
    await operator.close();
  });
});

describe('limits', () => {
  test('a full stream says so and keeps what it has', async () => {
    const small = {
      name: 'TRADING',
      subjects: ['trading.>'],
      retention: 'limits',
      discard: 'new',
      maxMessages: 3,
    } as const;
    const bus = await connected({ streams: [small], buckets: [] });
    await bus.bus.publish(['a', 'b', 'c'].map((text) => outgoing(SUBJECT, text)));
    const more = bus.bus.publish([outgoing(SUBJECT, 'd')]);
    await expect(more).rejects.toMatchObject({ code: 'BUS.FULL', retry: 'retryable' });
    const large = { ...small, maxMessages: 4 };
    const wider = await connected({ streams: [large], buckets: [] });
    expect(await wider.bus.publish([outgoing(SUBJECT, 'd')])).toEqual([4]);
    const changed = { ...small, retention: 'workqueue' } as const;
    const refused = connectBus({
      servers: nats.url,
      name: 'x',
      log: silentLog,
      streams: [changed],
    });
    await expect(refused).rejects.toMatchObject({ code: 'BUS.STREAM_CONFIG' });
  });

  test('a server that has room for the streams once makes them once', async () => {
    const asked = STREAMS.reduce((sum, { maxBytes = 0 }) => sum + maxBytes, 0);
    const narrow = await TestNats.start(asked + BUCKETS_BYTES);
    const said: string[] = [];
    const log: Log = { ...silentLog, info: (message) => void said.push(message) };
    try {
      for (const name of ['first', 'second']) {
        const bus = await connected({ servers: narrow.url, name, log });
        expect(await bus.bus.publish([outgoing(SUBJECT, name)])).toHaveLength(1);
        await bus.close();
      }
    } finally {
      await narrow.stop();
    }
    expect(said.filter((message) => message.includes('stream'))).toEqual([]);
  });

  test('a message beyond what the server takes is refused', async () => {
    const bus = await connected();
    const data = new Uint8Array(2 * 1024 * 1024);
    const huge = bus.bus.publish([{ ...outgoing(SUBJECT, 'x'), data }]);
    await expect(huge).rejects.toMatchObject({ code: 'BUS.TOO_LARGE' });
  });

  test('several services make the streams at once', async () => {
    const all = await Promise.all(numbers(5).map(() => connected()));
    expect(await all[0]?.bus.publish([outgoing(SUBJECT, 'a')])).toEqual([1]);
  });

  test('no server at all is said after the time given', async () => {
    const lost = connectBus({
      servers: 'nats://127.0.0.1:1',
      name: 'x',
      log: silentLog,
      firstConnectMs: 300,
    });
    await expect(lost).rejects.toMatchObject({ code: 'BUS.UNAVAILABLE' });
  });

  test('whoever waits is released by closing', async () => {
    const bus = await connected();
    const subscription = await bus.bus.subscribe(reading);
    const listener = await bus.bus.listen('control.x');
    const watch = await bus.kv.watch('switches', '>');
    const waiting = [subscription.next(), listener.next(), watch.next()];
    await bus.close();
    expect(await Promise.all(waiting)).toEqual([[], [], []]);
    await expect(bus.bus.publish([outgoing(SUBJECT, 'a')])).rejects.toMatchObject({
      code: 'BUS.CLOSED',
    });
  });
});
