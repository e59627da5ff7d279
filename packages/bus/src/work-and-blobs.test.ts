import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  outgoing,
  readMany,
  silentLog,
  TestNats,
  textOf,
  untilConnected,
} from './bus.test-support.ts';
import { type BusConnection, connectBus } from './connect-bus.ts';
import { consumerName, deadLetterHeaders } from './nats-work-queue.ts';

let nats: TestNats;
let bus: BusConnection;
const connected = () =>
  connectBus({
    servers: nats.url,
    name: 'work',
    work: { ackWaitMs: 300, maxDeliver: 3 },
    log: silentLog,
  });

beforeAll(async () => {
  nats = await TestNats.start();
  bus = await connected();
});
afterAll(async () => {
  await bus.close();
  await nats.stop();
});

const take = (from: BusConnection, subject: string, waitMs = 3_000) =>
  from.workQueue.take({ subject, max: 1, waitMs });

async function deadLetters(count: number, subject: string) {
  const subscription = await bus.bus.subscribe({
    stream: 'BACKTEST_EVENTS',
    filters: [subject],
    afterSequence: 0,
  });
  const letters = await readMany(subscription, count);
  await subscription.close();
  return letters;
}

describe('work', () => {
  test('of a worker that died goes to another', async () => {
    const subject = 'backtest.work.dies';
    await bus.workQueue.add(outgoing(subject, 'shard'));
    const doomed = await connected();
    const [lost] = await take(doomed, subject);
    expect(lost?.delivery).toBe(1);
    await doomed.close();
    const [again] = await take(bus, subject);
    expect(again).toMatchObject({ delivery: 2 });
    await again?.done();
    expect(await take(bus, subject, 400)).toEqual([]);
  });

  test('that is never finished becomes a dead letter, with its headers', async () => {
    const subject = 'backtest.work.hopeless';
    const headers = { traceparent: '00-a-b-01' };
    await bus.workQueue.add({ ...outgoing(subject, 'shard'), headers });
    for (const delivery of [1, 2, 3]) {
      const [item] = await take(bus, subject);
      expect(item?.delivery).toBe(delivery);
      await item?.giveBack(1);
    }
    expect(await take(bus, subject, 600)).toEqual([]);
    const [letter] = await deadLetters(1, 'backtest.dead.hopeless');
    expect(letter && textOf(letter)).toBe('shard');
    expect(letter?.headers).toEqual({
      ...headers,
      [deadLetterHeaders.reason]: 'it was delivered 3 times and never finished',
      [deadLetterHeaders.deliveries]: '3',
    });
  });

  test('that is discarded becomes a dead letter that says why', async () => {
    const subject = 'backtest.work.unknown';
    await bus.workQueue.add(outgoing(subject, 'shard'));
    const [item] = await take(bus, subject);
    await item?.discard('no such\nstrategy');
    const [letter] = await deadLetters(1, 'backtest.dead.unknown');
    expect(letter?.headers[deadLetterHeaders.reason]).toBe('no such strategy');
    expect(await take(bus, subject, 400)).toEqual([]);
  });

  test('waits for a server that is killed, and is not lost', async () => {
    const subject = 'backtest.work.waits';
    await bus.workQueue.add(outgoing(subject, 'shard'));
    await nats.kill();
    await untilConnected(bus, false);
    const taking = take(bus, subject);
    await nats.up();
    const [item] = await taking;
    expect(item && textOf(item)).toBe('shard');
    await item?.done();
  });

  test('of different subjects never shares a consumer', () => {
    const subjects = ['a.b', 'a_b', 'a=b', 'a.b.c', `${'x'.repeat(200)}.1`, `${'x'.repeat(200)}.2`];
    const names = subjects.map(consumerName);
    expect(new Set(names).size).toBe(subjects.length);
    for (const name of names) expect(name).toMatch(/^[\w-]{1,100}$/);
  });
});

describe('blobs', () => {
  test('are kept by the name of their digest', async () => {
    const data = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    const digest = await bus.blobs.put(data);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await bus.blobs.put(data)).toBe(digest);
    const back = await bus.blobs.get(digest);
    expect(back?.length).toBe(data.length);
    expect(Buffer.compare(back ?? Buffer.alloc(0), data)).toBe(0);
  });

  test('may be empty, and are undefined when absent', async () => {
    const digest = await bus.blobs.put(new Uint8Array());
    expect((await bus.blobs.get(digest))?.length).toBe(0);
    expect(await bus.blobs.get('0'.repeat(64))).toBeUndefined();
  });

  test('survive a killed server', async () => {
    const digest = await bus.blobs.put(new Uint8Array(500_000).fill(7));
    await nats.restart(bus);
    const back = await bus.blobs.get(digest);
    expect(back?.every((byte) => byte === 7)).toBe(true);
  });
});
