import { assert } from '@capstan/domain';
import { KeyedOwner, type OwnerLogic, type OwnerSession } from '@capstan/journal';
import type { BusMessage, CommandRecord, OwnerRecord } from '@capstan/ports';
import { expect, it } from 'vitest';
import { at, bytes, sampleCommand } from '../suites/samples.ts';
import { runSim, SimFailure } from './run-sim.ts';
import type { SimPorts } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';

const COMMANDS = 30;
const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Says each command's payload once, in a chained message. */
class Speaker implements OwnerLogic {
  readonly inputs = [];
  async load(): Promise<void> {}
  async onMessage(): Promise<void> {}
  async onCommand(session: OwnerSession, command: CommandRecord): Promise<void> {
    const { commandId, payload } = command;
    await session.commit({
      commands: [{ commandId, state: 'done', result: payload }],
      outbox: [
        {
          subject: 'trading.signal.word',
          data: bytes(payload),
          correlationId: commandId,
          causationId: commandId,
        },
      ],
    });
  }
}

/** Writes down what it hears, in order. */
class Listener implements OwnerLogic {
  readonly inputs = [{ stream: 'TRADING', filters: ['trading.signal.*'] }];
  #heard: string[] = [];
  async load(_: OwnerSession, record: OwnerRecord): Promise<void> {
    assert(record.lastOutboxSequence === 0, 'a listener says nothing');
  }
  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const stored = session.state;
    this.#heard = stored === undefined ? [] : (JSON.parse(textOf(stored)) as string[]);
    this.#heard.push(textOf(message.data));
    await session.commit({ state: bytes(JSON.stringify(this.#heard)) });
  }
}

const program = (key: string, logic: () => OwnerLogic) => (ports: SimPorts) =>
  new KeyedOwner(ports, key, ports.ids.incarnation(), logic);

/** Returns what the listener has written down. */
async function heardIn(world: SimWorld): Promise<readonly string[]> {
  const fence = { key: 'listener', epochUs: at(1_000_000), token: 1_000_000 };
  const { state } = await world.store.takeOwnership(fence);
  const packed = state === undefined ? '\n[]' : textOf(state);
  return JSON.parse(packed.slice(packed.indexOf('\n') + 1)) as string[];
}

/** Two speakers, two listeners, and commands that come while everything goes wrong. */
function conversation(seed: number, spoil: (world: SimWorld) => void = () => undefined) {
  const said = Array.from({ length: COMMANDS }, (_, n) => String(n));
  return runSim({
    seed,
    untilMs: 150_000,
    faultsUntilMs: 90_000,
    build: (world) => {
      spoil(world);
      for (const replica of ['a', 'b']) {
        world.process(
          `speaker-${replica}`,
          program('speaker', () => new Speaker()),
        );
        world.process(
          `listener-${replica}`,
          program('listener', () => new Listener()),
        );
      }
      said.forEach((payload, n) => {
        const command = { commandId: `c${n}`, key: 'speaker', payload, createdAtUs: at(n) };
        world.at(1_000 + n * 2_500, () => void world.store.addCommand(sampleCommand(command)));
      });
      for (let ms = 1_000; ms < 150_000; ms += 500) {
        world.at(ms, () => void world.bus.notify('control.command.speaker', bytes('')));
      }
    },
    check: async (world) => {
      expect(await world.store.pendingCommands('speaker')).toEqual([]);
      expect(await heardIn(world)).toEqual(said);
    },
    replay: (which) => `npx vitest run packages/testkit -t "seed ${which})"`,
  });
}

it.each(Array.from({ length: 10 }, (_, seed) => seed))(
  'owners say and hear everything once and in order, whatever goes wrong (seed %d)',
  async (seed) => {
    const report = await conversation(seed);
    expect(report.faults.crash).toBeGreaterThan(0);
  },
);

it('catches owners that cannot tell a repeat', async () => {
  const spoil = ({ bus }: SimWorld): void => {
    const publish = bus.publish.bind(bus);
    bus.publish = (messages) => publish(messages.map((message) => ({ ...message, headers: {} })));
  };
  const failures: unknown[] = [];
  for (let seed = 0; seed < 10; seed += 1) {
    await conversation(seed, spoil).catch((error: unknown) => failures.push(error));
  }
  expect(failures.length).toBeGreaterThan(0);
  for (const failure of failures) expect(failure).toBeInstanceOf(SimFailure);
});
