import { timeUs } from '@capstan/domain';
import type { Bus } from '@capstan/ports';
import { MemoryStore, portErrors } from '@capstan/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bytes,
  HandProducer,
  JournalWorld,
  publishAll,
  withMethods,
} from './journal.test-support.ts';
import { LIMITS } from './limits.ts';
import { type Notes, NotingLogic, noNotes } from './owner.test-support.ts';
import { KeyedOwner } from './owner.ts';
import { afterHeader } from './session.ts';
import { type Readings, SharedReadings } from './shared-readings.ts';

const KEY = 'execution/paper';
const SUBJECT = 'trading.approved.paper';

let world: JournalWorld;
let notes: Notes;
let producer: HandProducer;
beforeEach(async () => {
  world = new JournalWorld();
  notes = noNotes();
  producer = await HandProducer.start(world, 'risk/paper');
});

const startOwner = (makeLogic = () => new NotingLogic(notes)) => {
  const owner = new KeyedOwner(world, KEY, 'life-1', makeLogic);
  void owner.run();
  return owner;
};
const heard = (count: number) => world.until(() => notes.heard.length >= count);
const halted = (owner: KeyedOwner) => world.until(() => owner.status.kind === 'halted');

it('hears what was before it and what comes, in order, each once', async () => {
  await publishAll(world.bus, await producer.commit(SUBJECT, ['1', '2']));
  const owner = startOwner();
  await heard(2);
  await publishAll(world.bus, await producer.commit(SUBJECT, ['3']));
  await heard(3);
  await owner.stop();
  expect(notes.heard).toEqual(['1', '2', '3']);
  expect(notes.calls).toEqual(['batch end', 'batch end', 'drain']);
});

it('goes on after what was committed when it starts again', async () => {
  const first = startOwner();
  await publishAll(world.bus, await producer.commit(SUBJECT, ['1', '2']));
  await heard(2);
  await first.stop();
  await publishAll(world.bus, await producer.commit(SUBJECT, ['3']));
  const second = startOwner();
  await heard(3);
  await second.stop();
  expect([notes.heard, notes.loads]).toEqual([['1', '2', '3'], 2]);
});

it('hears again what it heard and did not commit', async () => {
  class Forgetful extends NotingLogic {
    override async onMessage(...[, message]: Parameters<NotingLogic['onMessage']>): Promise<void> {
      this.notes.heard.push(new TextDecoder().decode(message.data));
      await Promise.resolve();
    }
    override async onDrain(): Promise<void> {
      await Promise.resolve();
    }
  }
  await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
  const first = startOwner(() => new Forgetful(notes));
  await heard(1);
  await first.stop();
  const second = startOwner();
  await heard(2);
  await second.stop();
  expect(notes.heard).toEqual(['1', '1']);
});

it('drops repeats', async () => {
  const owner = startOwner();
  const sent = await producer.commit(SUBJECT, ['1', '2', '3']);
  await publishAll(world.bus, [
    ...sent,
    ...sent.slice(0, 2),
    ...(await producer.commit(SUBJECT, ['4'])),
  ]);
  await heard(4);
  await owner.stop();
  expect(notes.heard).toEqual(['1', '2', '3', '4']);
});

it('takes messages that are from no outbox as they are', async () => {
  const owner = startOwner();
  const bare = (text: string) => ({
    subject: SUBJECT,
    data: new TextEncoder().encode(text),
    headers: {},
    messageId: text,
  });
  await world.bus.publish([bare('x'), bare('y')]);
  await heard(2);
  await owner.stop();
  expect(notes.heard).toEqual(['x', 'y']);
});

describe('a message that the stream misses', () => {
  it('is read from the outbox', async () => {
    const owner = startOwner();
    const [one, , , four] = await producer.commit(SUBJECT, ['1', '2', '3', '4']);
    if (one === undefined || four === undefined) throw new Error('nothing committed');
    await publishAll(world.bus, [one, four]);
    await heard(4);
    await owner.stop();
    expect(notes.heard).toEqual(['1', '2', '3', '4']);
  });

  it('is found behind any number of messages on other subjects', async () => {
    const owner = startOwner();
    const many = Array.from({ length: LIMITS.outboxPage + 10 }, (_, index) => String(index));
    const [one] = await producer.commit(SUBJECT, ['1']);
    await producer.commit('trading.denied.paper', many, false);
    await producer.commit(SUBJECT, ['2']);
    await producer.commit('trading.denied.paper', many, false);
    const [three] = await producer.commit(SUBJECT, ['3']);
    if (one === undefined || three === undefined) throw new Error('nothing committed');
    await publishAll(world.bus, [one, three]);
    await heard(3);
    await owner.stop();
    expect(notes.heard).toEqual(['1', '2', '3']);
  });

  it('is read from the outbox before what comes after it on another subject', async () => {
    const other = 'trading.denied.paper';
    const owner = startOwner(() => {
      const logic = new NotingLogic(notes);
      return Object.assign(logic, { inputs: [{ stream: 'TRADING', filters: [SUBJECT, other] }] });
    });
    const [, , late] = await producer.commit(SUBJECT, ['1', '2', '3']);
    const [said] = await producer.commit(other, ['done']);
    if (late === undefined || said === undefined) throw new Error('nothing committed');
    const after = { [afterHeader]: `${SUBJECT} ${late.sequence}` };
    await publishAll(world.bus, [{ ...said, headers: { ...said.headers, ...after } }, late]);
    await publishAll(world.bus, await producer.commit(SUBJECT, ['4']));
    await heard(5);
    await owner.stop();
    expect(notes.heard).toEqual(['1', '2', '3', 'done', '4']);
  });

  it('is not looked for on a subject that is not read', async () => {
    const other = 'trading.denied.paper';
    const owner = startOwner(() => {
      const logic = new NotingLogic(notes);
      return Object.assign(logic, { inputs: [{ stream: 'TRADING', filters: [other] }] });
    });
    await producer.commit(SUBJECT, ['1']);
    const [said] = await producer.commit(other, ['done']);
    if (said === undefined) throw new Error('nothing committed');
    const after = { [afterHeader]: `${SUBJECT} 1` };
    await publishAll(world.bus, [{ ...said, headers: { ...said.headers, ...after } }]);
    await heard(1);
    await owner.stop();
    expect(notes.heard).toEqual(['done']);
  });

  it('begins with what is kept where old messages were removed before it ever read their subject', async () => {
    const all = await producer.commit(SUBJECT, ['1', '2', '3', '4']);
    await producer.markPublished(2);
    const pruner = { key: 'session/XNYS', epochUs: timeUs(1), token: 1 };
    await world.store.takeOwnership(pruner);
    const old = { kind: 'outbox', beforeUs: timeUs(1) } as const;
    expect(await world.store.prune(pruner, old, 10)).toBe(2);
    // The stream has lost its beginning: what it still has names a message that was removed.
    await publishAll(world.bus, all.slice(2));
    const owner = startOwner();
    await heard(2);
    await owner.stop();
    expect(notes.heard).toEqual(['3', '4']);
  });

  it('halts the key of one who read the subject before and lacks what the outbox misses', async () => {
    const all = await producer.commit(SUBJECT, ['1', '2', '3']);
    await publishAll(world.bus, all.slice(0, 1));
    const owner = startOwner();
    await heard(1);
    // Removed by force: retention keeps what a receiver has not applied.
    world.store.outbox = (from, after, limit) =>
      MemoryStore.prototype.outbox
        .call(world.store, from, after, limit)
        .then((found) => found.filter(({ sequence }) => sequence !== 2));
    await publishAll(world.bus, all.slice(2));
    await halted(owner);
    expect(notes.heard).toEqual(['1']);
    await owner.stop();
  });

  it('halts the key when the outbox misses it too', async () => {
    const owner = startOwner();
    const sent = await producer.commit(SUBJECT, ['1']);
    await publishAll(world.bus, [
      ...sent,
      ...sent.map((one) => ({ ...one, sequence: 9, headers: { 'capstan-previous': '8' } })),
    ]);
    await halted(owner);
    expect(notes.heard).toEqual(['1']);
    expect(owner.status).toMatchObject({
      kind: 'halted',
      why: expect.stringContaining('message 8 of risk/paper is missing'),
    });
    await owner.stop();
    expect(owner.status.kind).toBe('halted');
  });
});

describe('a stream that is not what it was', () => {
  it('made anew, is gone on with after what the journal has', async () => {
    const owner = startOwner();
    await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
    await heard(1);
    const lost = await producer.commit(SUBJECT, ['2', '3']);
    world.bus.recreateStream('TRADING');
    await heard(3);
    await publishAll(world.bus, [...lost, ...(await producer.commit(SUBJECT, ['4']))]);
    await heard(4);
    await owner.stop();
    expect(notes.heard).toEqual(['1', '2', '3', '4']);
  });

  it('made anew while nobody looked, likewise', async () => {
    const first = startOwner();
    await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
    await heard(1);
    await first.stop();
    await producer.commit(SUBJECT, ['2']);
    world.bus.recreateStream('TRADING');
    const second = startOwner();
    await heard(2);
    await second.stop();
    expect(notes.heard).toEqual(['1', '2']);
  });

  it('begins after the position: what it dropped comes from the journal', async () => {
    const first = startOwner();
    await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
    await heard(1);
    await first.stop();
    await publishAll(world.bus, await producer.commit(SUBJECT, ['2', '3', '4']));
    world.bus.dropThrough('TRADING', 3);
    const second = startOwner();
    await heard(4);
    await second.stop();
    expect(notes.heard).toEqual(['1', '2', '3', '4']);
  });

  it('reads from the journal only what the input names for it', async () => {
    class Choosy extends NotingLogic {
      override readonly inputs = [
        { stream: 'TRADING', filters: ['trading.>'], journalFilters: ['trading.order.*'] },
      ];
    }
    const owner = startOwner(() => new Choosy(notes));
    await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
    await heard(1);
    await producer.commit(SUBJECT, ['2'], false);
    await producer.commit('trading.order.paper', ['3']);
    world.bus.recreateStream('TRADING');
    await heard(2);
    await owner.stop();
    expect(notes.heard).toEqual(['1', '3']);
  });

  it.each([
    ['read alone', (bus: Bus): Readings => bus],
    ['shared', (bus: Bus) => new SharedReadings(bus, { stream: 'TRADING', filters: [] })],
  ])(
    'made anew while the journal is read, is heard from its beginning, %s',
    async (_, readings) => {
      const through = readings(world.bus);
      class Reading extends NotingLogic {
        override readonly inputs = [{ stream: 'TRADING', filters: ['trading.>'], through }];
      }
      const first = startOwner(() => new Reading(notes));
      await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
      await heard(1);
      await first.stop();
      const publish = async (...texts: string[]) =>
        world.bus.publish(
          texts.map((text) => ({
            subject: SUBJECT,
            data: bytes(text),
            headers: {},
            messageId: text,
          })),
        );
      world.bus.recreateStream('TRADING');
      await publish('a', 'b', 'c', 'd');
      world.bus.dropThrough('TRADING', 3);
      const { outboxBeyond } = world.store;
      world.store.outboxBeyond = async (...asked) => {
        world.store.outboxBeyond = outboxBeyond;
        world.bus.recreateStream('TRADING');
        await publish('2', '3', '4', '5');
        // Somebody else has seen it already.
        await through.streamState('TRADING');
        return outboxBeyond.apply(world.store, asked);
      };
      const second = startOwner(() => new Reading(notes));
      await heard(5);
      await second.stop();
      expect(notes.heard).toEqual(['1', '2', '3', '4', '5']);
    },
  );

  it('not there yet, is waited for', async () => {
    let isThere = false;
    const bus = withMethods<Bus>(world.bus, {
      streamState: (stream) =>
        isThere ? world.bus.streamState(stream) : Promise.reject(portErrors.noStream('not yet.')),
    });
    const { kv, store, clock, log, meter } = world;
    const ports = { bus, kv, store, clock, log, meter };
    const owner = new KeyedOwner(ports, KEY, 'life-1', () => new NotingLogic(notes));
    void owner.run();
    await world.until(() => owner.status.kind === 'failing' && notes.loads > 1);
    isThere = true;
    await publishAll(world.bus, await producer.commit(SUBJECT, ['1']));
    await heard(1);
    await owner.stop();
    expect(notes.heard).toEqual(['1']);
  });

  it('lost its end: what the position covers is not asked for again, and the rest is heard', async () => {
    const { epochUs } = await world.bus.streamState('TRADING');
    const sent = await producer.commit(SUBJECT, ['1', '2', '3']);
    const fence = { key: KEY, epochUs: timeUs(1), token: 1 };
    await world.store.takeOwnership(fence);
    await world.store.commit({
      fence,
      positions: [{ stream: 'TRADING', epochUs, sequence: 3 }],
      applied: [{ producer: 'risk/paper', subject: SUBJECT, sequence: 3 }],
    });
    // The server came back with the first message only.
    await publishAll(world.bus, sent.slice(0, 1));
    const unpublished = await producer.commit(SUBJECT, ['4']);
    const owner = startOwner();
    await heard(1);
    await publishAll(world.bus, [...unpublished, ...(await producer.commit(SUBJECT, ['5', '6']))]);
    await heard(3);
    await owner.stop();
    expect(notes.heard).toEqual(['4', '5', '6']);
    const record = await world.store.takeOwnership({ ...fence, epochUs, token: 99 });
    expect(record.positions).toEqual([{ stream: 'TRADING', epochUs, sequence: 4 }]);
  });
});
