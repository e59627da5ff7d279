import { AppError, InvariantError, timeUs } from '@capstan/domain';
import type { Bus, CommandRecord, OwnerRecord, Store } from '@capstan/ports';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  away,
  bytes,
  HandProducer,
  holderOf,
  JournalWorld,
  publishAll,
  refused,
  textOf,
  withMethods,
} from './journal.test-support.ts';
import { LIMITS } from './limits.ts';
import { HandSource, type Notes, NotingLogic, noNotes } from './owner.test-support.ts';
import { KeyedOwner, type OwnerPorts } from './owner.ts';
import type { OwnerSession } from './session.ts';

const KEY = 'execution/paper';
const SUBJECT = 'trading.approved.paper';

let world: JournalWorld;
let notes: Notes;
beforeEach(() => {
  world = new JournalWorld();
  notes = noNotes();
});

function start(
  makeLogic: () => NotingLogic = () => new NotingLogic(notes),
  ports: Partial<OwnerPorts> = {},
  holder = 'life-1',
) {
  const owner = new KeyedOwner(
    { ...world, ...world, ...portsOf(), ...ports },
    KEY,
    holder,
    makeLogic,
  );
  const ended = owner.run().then(
    () => 'ended',
    (error: unknown) => error,
  );
  return { owner, ended };
}

const portsOf = (): OwnerPorts => {
  const { bus, kv, store, clock, log, meter } = world;
  return { bus, kv, store, clock, log, meter };
};
const owning = (owner: KeyedOwner) => world.until(() => owner.status.kind === 'owning');
const stopped = async (owner: KeyedOwner) => {
  let done = false;
  void owner.stop().then(() => {
    done = true;
  });
  await world.until(() => done);
};
const command = (commandId: string): CommandRecord => ({
  commandId,
  key: KEY,
  kind: 'CancelOrder',
  payload: '{}',
  actor: 'me',
  createdAtUs: timeUs(1),
  state: 'pending',
});

/** Logic whose load fails as often as it is told. */
function failing(failures: (() => unknown)[]) {
  return class extends NotingLogic {
    override async load(session: OwnerSession, record: OwnerRecord): Promise<void> {
      await super.load(session, record);
      const failure = failures.shift();
      if (failure !== undefined) throw failure();
    }
  };
}

describe('after an error', () => {
  it('starts over with new logic as long as it can be retried, ever more slowly', async () => {
    const Failing = failing([away, away, away]);
    const seenMs: number[] = [];
    const { owner } = start(() => {
      seenMs.push(world.clock.monotonicMs());
      return new Failing(notes);
    });
    await owning(owner);
    expect(notes.loads).toBe(4);
    expect(seenMs.map((ms, index) => ms - (seenMs[index - 1] ?? ms))).toEqual([0, 50, 100, 200]);
    await stopped(owner);
  });

  it('forgets earlier failures once an ownership lasted', async () => {
    const fails = [away, away, away];
    class Later extends failing(fails) {
      override async onCommand(): Promise<void> {
        await Promise.reject(away());
      }
    }
    const { owner } = start(() => new Later(notes));
    await owning(owner);
    await world.clock.advance(LIMITS.retryForgetMs);
    await world.store.addCommand(command('c1'));
    await world.bus.notify(`control.command.${KEY.replace('/', '=2f=')}`, bytes(''));
    await world.clock.advance(0);
    expect(owner.status).toEqual({ kind: 'failing', why: 'the bus is away.' });
    expect(world.log.lines.filter((one) => one.message === 'starts over').at(-1)?.fields).toEqual(
      expect.objectContaining({ retryMs: LIMITS.retryFirstMs }),
    );
    const stopping = owner.stop();
    await world.clock.advance(1);
    await stopping;
  });

  it('starts over when it was fenced off', async () => {
    const fenced = () => new AppError({ code: 'STORE.FENCED', why: 'another has it.' });
    const Fenced = failing([fenced]);
    const { owner } = start(() => new Fenced(notes));
    await owning(owner);
    expect(notes.loads).toBe(2);
    await stopped(owner);
  });

  it('halts over what cannot be retried, gives the key away and says why', async () => {
    const Failing = failing([refused]);
    const { owner, ended } = start(() => new Failing(notes));
    await world.until(() => owner.status.kind === 'halted');
    expect(owner.status).toEqual({ kind: 'halted', why: 'refused.' });
    expect(await ended).toBe('ended');
    expect(await holderOf(world.kv, KEY)).toBe('');
    await owner.stop();
    expect([owner.status.kind, notes.loads]).toEqual(['halted', 1]);
  });

  it('ends with a bug, whoever meets it', async () => {
    const Buggy = failing([() => new InvariantError('impossible')]);
    const { ended } = start(() => new Buggy(notes));
    let end: unknown;
    void ended.then((how) => {
      end = how;
    });
    await world.until(() => end !== undefined);
    expect(end).toBeInstanceOf(InvariantError);
    expect(await holderOf(world.kv, KEY)).toBe('');
  });

  it('lets a healthy process have the key while it waits to retry', async () => {
    const never = withMethods<Store>(world.store, { takeOwnership: () => Promise.reject(away()) });
    const sick = start(undefined, { store: never }, 'sick');
    await world.until(() => sick.owner.status.kind === 'failing');
    const well = start(undefined, {}, 'well');
    await owning(well.owner);
    expect(await holderOf(world.kv, KEY)).toBe('well');
    await stopped(sick.owner);
    await stopped(well.owner);
  });

  it('starts over when the reading of an input fails', async () => {
    let failures = 2;
    const bus = withMethods<Bus>(world.bus, {
      streamState: (stream) => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(away()) : world.bus.streamState(stream);
      },
    });
    const { owner } = start(undefined, { bus });
    await world.until(() => notes.loads === 3 && owner.status.kind === 'owning');
    await stopped(owner);
  });

  it('halts when a message of its own can never be published', async () => {
    const bus = withMethods<Bus>(world.bus, { publish: () => Promise.reject(refused()) });
    class Speaking extends NotingLogic {
      override async load(session: OwnerSession): Promise<void> {
        await session.commit({
          outbox: [{ subject: SUBJECT, data: bytes('1'), correlationId: 'c', causationId: 'c' }],
        });
      }
    }
    const { owner } = start(() => new Speaking(notes), { bus });
    await world.until(() => owner.status.kind === 'halted');
    expect(owner.status).toEqual({ kind: 'halted', why: 'refused.' });
  });
});

describe('the lease', () => {
  it('ends the ownership when it is lost, and another goes on', async () => {
    const kv = withMethods(world.kv, { update: () => Promise.reject(away()) });
    const first = start(undefined, { kv }, 'cut-off');
    await owning(first.owner);
    const second = start(undefined, {}, 'next');
    await owning(second.owner);
    expect(world.messages()).toContain('lost its lease');
    expect(notes.calls).not.toContain('drain');
    await stopped(first.owner);
    await stopped(second.owner);
  });

  it('is given back by an owner that is stopped while it asks for it', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const kv = withMethods(world.kv, {
      create: async (...write) => {
        asked.resolve();
        await answer.promise;
        return world.kv.create(...write);
      },
    });
    const { owner } = start(undefined, { kv });
    await asked.promise;
    const stopping = owner.stop();
    answer.resolve();
    await world.clock.advance(0);
    await stopping;
    expect([owner.status.kind, notes.loads]).toEqual(['stopped', 0]);
    expect(await holderOf(world.kv, KEY)).toBe('');
  });
});

describe('commands', () => {
  it('are answered that were written before it came, and that come, each once', async () => {
    await world.store.addCommand(command('before'));
    const { owner } = start();
    const done = await world.bus.listen(`control.done.${KEY.replace('/', '=2f=')}`);
    await world.until(() => notes.calls.length === 1);
    await world.store.addCommand(command('later'));
    for (let notice = 0; notice < 5; notice += 1) {
      await world.bus.notify(`control.command.${KEY.replace('/', '=2f=')}`, bytes(''));
    }
    await world.until(() => notes.calls.length === 2);
    await stopped(owner);
    expect(notes.calls).toEqual(['CancelOrder before', 'CancelOrder later', 'drain']);
    expect(await world.store.command('later')).toMatchObject({ state: 'done', result: 'so be it' });
    expect((await done.next()).map(({ data }) => textOf(data))).toEqual(['before', 'later']);
  });

  it('are done also where nobody can be told', async () => {
    const bus = withMethods<Bus>(world.bus, { notify: () => Promise.reject(away()) });
    await world.store.addCommand(command('c1'));
    const { owner } = start(undefined, { bus });
    await world.until(() => notes.calls.length === 1);
    await stopped(owner);
    expect(await world.store.pendingCommands(KEY)).toEqual([]);
    expect(world.messages()).toContain('could not say that a command is done');
  });
});

describe('sources', () => {
  it('are read beside the streams, and closed at the end', async () => {
    const sources = [new HandSource(), new HandSource()];
    class Sourced extends NotingLogic {
      readonly openSources = async () => {
        await Promise.resolve();
        return sources;
      };
    }
    const { owner } = start(() => new Sourced(notes));
    await owning(owner);
    sources[1]?.put('x', 'y');
    await world.until(() => notes.calls.length === 1);
    sources[0]?.put('z');
    await world.until(() => notes.calls.length === 2);
    await stopped(owner);
    expect(notes.calls).toEqual(['items 1: x y', 'items 0: z', 'drain']);
    expect(sources.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('that fail end the ownership by their error; what cannot be closed hides nothing', async () => {
    const source = new HandSource();
    source.next = () => Promise.reject(new InvariantError('impossible'));
    source.close = () => Promise.reject(away());
    class Sourced extends NotingLogic {
      readonly openSources = async () => {
        await Promise.resolve();
        return [source];
      };
    }
    const { ended } = start(() => new Sourced(notes));
    let end: unknown;
    void ended.then((how) => {
      end = how;
    });
    await world.until(() => end !== undefined);
    expect(end).toBeInstanceOf(InvariantError);
    expect(world.messages()).toContain('could not close an input');
  });

  it('that stand on a stream which is made anew begin again with a new ownership', async () => {
    const sources: HandSource[] = [];
    class Sourced extends NotingLogic {
      readonly openSources = async () => {
        await Promise.resolve();
        const source = new HandSource();
        const changed = () => new AppError({ code: 'BUS.STREAM_CHANGED', why: 'it is gone.' });
        if (sources.length === 0) source.next = () => Promise.reject(changed());
        sources.push(source);
        return [source];
      };
    }
    const { owner } = start(() => new Sourced(notes));
    await world.until(() => sources.length === 2);
    sources[1]?.put('x');
    await world.until(() => notes.calls.length === 1);
    expect([notes.loads, owner.status.kind]).toEqual([2, 'owning']);
    await stopped(owner);
  });
});

describe('an end in peace', () => {
  it('finishes what is in hand, drains, publishes and releases', async () => {
    const producer = await HandProducer.start(world, 'risk/paper');
    let stopping: Promise<void> | undefined;
    class Slow extends NotingLogic {
      override async onMessage(...args: Parameters<NotingLogic['onMessage']>): Promise<void> {
        await super.onMessage(...args);
        if (this.notes.heard.length === 2) stopping = owner.stop();
        await world.clock.sleep(100);
      }
      override async onDrain(session: OwnerSession): Promise<void> {
        this.notes.calls.push('drain');
        await session.commit({
          outbox: [{ subject: SUBJECT, data: bytes('bye'), correlationId: 'c', causationId: 'c' }],
        });
      }
    }
    await publishAll(world.bus, await producer.commit('trading.order.paper', ['1', '2', '3']));
    const { owner } = start(() => new Slow(notes));
    await world.until(() => owner.status.kind === 'stopped');
    await stopping;
    expect(notes.heard).toEqual(['1', '2']);
    expect(notes.calls).toEqual(['batch end', 'drain']);
    expect(
      world.bus
        .messages('TRADING')
        .map(({ data }) => textOf(data))
        .at(-1),
    ).toBe('bye');
    expect(await holderOf(world.kv, KEY)).toBe('');
    expect(owner.status.kind).toBe('stopped');
  });

  it('does not wait for a bus that is away: the successor publishes, verbatim', async () => {
    class Parting extends NotingLogic {
      override async onDrain(session: OwnerSession): Promise<void> {
        await session.commit({
          outbox: [{ subject: SUBJECT, data: bytes('bye'), correlationId: 'c', causationId: 'c' }],
        });
      }
    }
    const bus = withMethods<Bus>(world.bus, { publish: () => Promise.reject(away()) });
    const { owner } = start(() => new Parting(notes), { bus });
    await owning(owner);
    const beforeMs = world.clock.monotonicMs();
    await stopped(owner);
    expect(world.clock.monotonicMs() - beforeMs).toBe(LIMITS.drainFlushMs);
    expect(world.bus.messages('TRADING')).toEqual([]);
    const successor = start();
    await world.until(() => world.bus.messages('TRADING').length > 0);
    const [committed] = await world.store.outbox(KEY, 0, 10);
    expect(world.bus.messages('TRADING')[0]).toMatchObject({
      data: committed?.data,
      headers: { ...committed?.headers, 'capstan-producer': KEY, 'capstan-sequence': '1' },
    });
    await stopped(successor.owner);
  });
});
