import { timeUs } from '@capstan/domain';
import type { BusMessage } from '@capstan/ports';
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, JournalWorld, textOf } from './journal.test-support.ts';
import { acquireLease } from './lease.ts';
import { Publisher } from './publisher.ts';
import {
  afterHeader,
  type OutboxDraft,
  OwnerSession,
  previousHeader,
  provenance,
} from './session.ts';

const KEY = 'risk/paper';
const EPOCH = timeUs(5);

let world: JournalWorld;
beforeEach(() => {
  world = new JournalWorld();
});

/** Begins an ownership as the keyed owner does. */
async function begin(holder = 'a') {
  const lease = await acquireLease(world, KEY, holder, new AbortController().signal);
  if (lease === undefined) throw new Error('no lease');
  const record = await world.store.takeOwnership(lease.fence);
  const publisher = new Publisher(
    { ...world, held: () => true },
    record.publishedThrough,
    () => undefined,
  );
  const session = new OwnerSession(
    { ...world, lease, publisher, clock: world.clock, store: world.store },
    record,
  );
  return { session, publisher, lease, record };
}

const draft = (subject: string, text: string, chained?: boolean): OutboxDraft => ({
  subject,
  data: bytes(text),
  correlationId: 'c',
  causationId: 'e',
  ...(chained === undefined ? {} : { chained }),
});
const outbox = () => world.store.outbox(KEY, 0, 100);

describe('the outbox of a session', () => {
  it('is numbered without a gap, over ownerships', async () => {
    const first = await begin();
    await first.session.commit({
      outbox: [draft('trading.order.a', '1'), draft('trading.fill.a', '2')],
    });
    await first.session.commit({ outbox: [draft('trading.order.a', '3')] });
    await first.lease.release();
    const second = await begin('b');
    await second.session.commit({ outbox: [draft('trading.order.a', '4')] });
    const sent = await outbox();
    expect(sent.map(({ sequence, data }) => [sequence, textOf(data)])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '3'],
      [4, '4'],
    ]);
    expect(new Set(sent.map(({ headers }) => headers['capstan-event-id'])).size).toBe(4);
  });

  it('names the predecessor on the subject, over ownerships, unless it is not chained', async () => {
    const first = await begin();
    await first.session.commit({
      outbox: [draft('s.a', '1'), draft('s.b', '2'), draft('s.a', '3'), draft('s.bar', '4', false)],
      state: bytes('mine'),
    });
    await first.lease.release();
    const { session } = await begin('b');
    expect(textOf(session.state ?? bytes(''))).toBe('mine');
    await session.commit({ outbox: [draft('s.b', '5'), draft('s.a', '6')] });
    const previous = (await outbox()).map(({ headers }) => headers[previousHeader]);
    expect(previous).toEqual(['0', '0', '1', undefined, '2', '3']);
    expect(textOf(session.state ?? bytes(''))).toBe('mine');
  });

  it('names what was said before it on the subject that it comes after', async () => {
    const { session } = await begin();
    const after = { ...draft('s.b', '2'), after: 's.a' };
    await session.commit({ outbox: [after, draft('s.a', '1'), after] });
    await session.commit({ outbox: [after] });
    const named = (await outbox()).map(({ headers }) => headers[afterHeader]);
    expect(named).toEqual([undefined, undefined, 's.a 2', 's.a 2']);
  });

  it('carries whose cause it is and the headers given', async () => {
    const { session } = await begin();
    await session.commit({ outbox: [{ ...draft('s.a', '1'), headers: { traceparent: 't' } }] });
    expect((await outbox())[0]?.headers).toMatchObject({
      traceparent: 't',
      'capstan-correlation-id': 'c',
      'capstan-causation-id': 'e',
    });
  });

  it('is published after it is committed', async () => {
    const { session, publisher } = await begin();
    await session.commit({ outbox: [draft('trading.order.a', '1')] });
    await publisher.flush();
    expect(world.bus.messages('TRADING').map(({ data }) => textOf(data))).toEqual(['1']);
    await session.commit({});
    expect((await begin('a')).record.publishedThrough).toBe(1);
  });
});

describe('the positions of a session', () => {
  const at = (sequence: number, epochUs = EPOCH) => ({ stream: 'TRADING', epochUs, sequence });
  const applied = (sequence: number) => ({ producer: 'p', subject: 's', sequence });

  it('are those of all messages delivered so far, once committed', async () => {
    const { session, lease } = await begin();
    expect([session.position('TRADING'), session.applied('p', 's')]).toEqual([undefined, 0]);
    session.noteDelivered(at(3), applied(2));
    session.noteDelivered(at(5), undefined);
    session.noteApplied(applied(4));
    expect(session.position('TRADING')).toEqual(at(5));
    await session.commit({
      sourcePositions: [{ stream: 'venue/paper', epochUs: EPOCH, sequence: 9 }],
    });
    await session.commit({});
    await lease.release();
    const { session: next } = await begin('b');
    expect(next.position('TRADING')).toEqual(at(5));
    expect(next.position('venue/paper')?.sequence).toBe(9);
    expect(next.allApplied()).toEqual([applied(4)]);
  });

  it('do not go back within an epoch, and follow another epoch', async () => {
    const { session } = await begin();
    session.noteDelivered(at(5), undefined);
    await session.commit({});
    session.noteDelivered(at(4), applied(1));
    await session.commit({});
    expect(session.position('TRADING')).toEqual(at(5));
    session.noteDelivered(at(1, timeUs(6)), undefined);
    await session.commit({});
    expect(session.position('TRADING')).toEqual(at(1, timeUs(6)));
  });
});

it('writes nothing once another owner has the fence', async () => {
  const { session, lease } = await begin();
  await world.store.takeOwnership({ ...lease.fence, token: lease.fence.token + 1 });
  const late = session.commit({ outbox: [draft('trading.order.a', '1')] });
  await expect(late).rejects.toMatchObject({ code: 'STORE.FENCED' });
  expect(await outbox()).toEqual([]);
  expect(world.bus.messages('TRADING')).toEqual([]);
});

it('holds as long as its lease, and tells the time', async () => {
  const { session, lease } = await begin();
  expect([session.held(), session.nowUs(), session.key]).toEqual([true, world.clock.nowUs(), KEY]);
  await lease.release();
  expect(session.held()).toBe(false);
});

it('reads where a message stands in its producer', () => {
  const message = (headers: Record<string, string>): BusMessage => ({
    stream: 'TRADING',
    sequence: 1,
    subject: 's',
    data: bytes(''),
    headers,
    storedAtUs: EPOCH,
  });
  const from = { 'capstan-producer': 'p', 'capstan-sequence': '4' };
  expect(provenance(message({}))).toBeUndefined();
  expect(provenance(message({ 'capstan-producer': 'p' }))).toBeUndefined();
  expect(provenance(message(from))).toEqual({ producer: 'p', sequence: 4, previous: undefined });
  expect(provenance(message({ ...from, [previousHeader]: '3' }))?.previous).toBe(3);
});
