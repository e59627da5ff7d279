import { AppError, assert } from '@capstan/domain';
import { expect, it } from 'vitest';
import { outgoing } from '../suites/bus-reading.ts';
import { bytes } from '../suites/samples.ts';
import { type FaultKind, STORMY } from './faults.ts';
import { runSim, SimFailure, type SimOptions } from './run-sim.ts';
import type { SimPorts } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';

/** Uses every port, again and again, whatever becomes of it. */
async function chatter(ports: SimPorts, name: string): Promise<void> {
  const { bus, kv, store, requests, workQueue, clock, network } = ports;
  const tolerated = async (what: Promise<unknown>): Promise<void> => {
    await what.catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
  };
  const read = async () => {
    const subscription = await bus.subscribe({ stream: 'TRADING', filters: [], afterSequence: 0 });
    while ((await subscription.next()).length > 0);
  };
  void tolerated(read());
  void tolerated(requests.serve(`rpc.${name}`, 'q', async (data) => ({ data, headers: {} })));
  network.offer(name, { echo: async (text: string) => text });
  const far = network.connect<{ echo(text: string): Promise<string> }>(name, { timeoutMs: 300 });
  for (let round = 0; ; round += 1) {
    const fence = {
      key: name,
      epochUs: await kv.epochUs('leases').catch(() => clock.nowUs()),
      token: round + 1,
    };
    await tolerated(store.takeOwnership(fence));
    await tolerated(store.commit({ fence, state: bytes(String(round)) }));
    const texts = [`${round} a`, `${round} b`, `${round} c`];
    await tolerated(bus.publish(texts.map((text) => outgoing(`trading.fill.${name}`, text))));
    await tolerated(bus.notify('control.x', bytes(name)));
    await tolerated(kv.put('switches', name, bytes(String(round))));
    await tolerated(requests.request(`rpc.${name}`, bytes('?'), { timeoutMs: 100 }));
    await tolerated(workQueue.add(outgoing(`backtest.work.${name}`, String(round))));
    const subject = `backtest.work.${name}`;
    await tolerated(
      workQueue.take({ subject, max: 2, waitMs: 10 }).then((items) => items[0]?.done()),
    );
    await tolerated(far.echo(ports.ids.random()));
    await clock.sleep(50);
  }
}

function chatterSim(seed: number, of: Partial<SimOptions> = {}): SimOptions {
  return {
    seed,
    untilMs: 20_000,
    build: (world) => {
      for (const name of ['a', 'b', 'c']) {
        world.process(name, (ports) => ({ run: () => chatter(ports, name) }));
      }
    },
    check: (world) => {
      assert(world.bus.messages('TRADING').length > 0, 'nobody said anything');
    },
    ...of,
  };
}

it('tells the same history of the same seed, and another of another', async () => {
  const first = await runSim(chatterSim(7));
  const again = await runSim(chatterSim(7));
  const other = await runSim(chatterSim(8));
  expect(again).toEqual(first);
  expect(first.steps).toBeGreaterThan(1_000);
  expect(other.historyHash).not.toBe(first.historyHash);
});

it('lets every kind of fault strike, and none after its time', async () => {
  const struck = new Set<string>();
  for (let seed = 0; seed < 4; seed += 1) {
    let atEnd: unknown;
    const faultsUntilMs = 45_000;
    const report = await runSim(
      chatterSim(seed, {
        untilMs: 50_000,
        faultsUntilMs,
        faults: {
          ...{ crash: 6, freeze: 6, clockStep: 6, storeDown: 2, busDown: 2, bothDown: 2 },
          ...{ tokenExpired: 3, storeFailed: 0.02, crashAtCall: 0.002 },
        },
        always: (world) => {
          if (world.nowMs >= faultsUntilMs) atEnd ??= world.faults.counts;
        },
      }),
    );
    expect(report.faults).toEqual(atEnd);
    for (const kind of Object.keys(report.faults)) struck.add(kind);
  }
  // What nobody here has: streams, a venue, leases.
  const elsewhere: FaultKind[] = [
    ...(['streamBroken', 'streamSilent', 'frameLost', 'fillLost'] as const),
    ...(['falseAbsence', 'leaseTaken'] as const),
  ];
  const expected = Object.keys(STORMY).filter((kind) => !elsewhere.includes(kind as FaultKind));
  expect([...struck].sort()).toEqual(expected.sort());
});

it('lets nothing go wrong in a calm world', async () => {
  const report = await runSim(chatterSim(1, { faults: 'none' }));
  expect(report.faults).toEqual({});
});

async function failureOf(options: SimOptions): Promise<SimFailure> {
  const outcome = await runSim(options).catch((error: unknown) => error);
  assert(outcome instanceof SimFailure, `the run did not fail: ${String(outcome)}`);
  return outcome;
}

it('fails by a check, and says how to replay', async () => {
  const failure = await failureOf(
    chatterSim(11, {
      untilMs: 500,
      check: () => assert(false, 'the books do not balance'),
      replay: (seed) => `npx vitest run books -t "seed ${seed}"`,
    }),
  );
  expect(failure.message).toContain('seed 11');
  expect(failure.message).toContain('the books do not balance');
  expect(failure.message).toContain('npx vitest run books -t "seed 11"');
  expect(failure.message).toContain('store.commit');
  expect(failure.report.tail.length).toBeGreaterThan(10);
});

const onlyProcess = (run: (ports: SimPorts) => Promise<void>): SimOptions => ({
  seed: 1,
  untilMs: 10_000,
  faults: 'none',
  build: (world) => {
    world.process('p', (ports) => ({ run: () => run(ports) }));
  },
  check: () => undefined,
});

it('fails by a bug in a process, and stops there', async () => {
  const failure = await failureOf(
    onlyProcess(async ({ clock }) => {
      await clock.sleep(100);
      assert(false, 'a position is negative');
    }),
  );
  expect(failure.message).toContain('a position is negative');
  expect(failure.message).toContain('p#1');
  expect(failure.report.endedAtMs).toBeLessThan(200);
});

it('fails by an error that nobody awaits', async () => {
  const failure = await failureOf(
    onlyProcess(async ({ clock }) => {
      void clock.sleep(100).then(() => assert(false, 'lost in the dark'));
      await clock.sleep(5_000);
    }),
  );
  expect(failure.message).toContain('lost in the dark');
  expect(failure.message).toContain('a promise that nobody awaits');
});

it('fails by what must always hold, and by a run that does not end', async () => {
  const always = (world: SimWorld) => assert(world.nowMs < 50, 'it is late');
  const late = await failureOf(chatterSim(1, { always }));
  expect(late.message).toContain('it is late');
  const long = await failureOf(chatterSim(1, { stepsMax: 100 }));
  expect(long.message).toContain('more than 100 steps');
});

it('starts again what ends by an operating failure, and not what ends in peace', async () => {
  let world: SimWorld | undefined;
  const failing = onlyProcess(async ({ clock }) => {
    await clock.sleep(100);
    throw new AppError({ code: 'STORE.UNAVAILABLE', why: 'The store is down.' });
  });
  const look = (of: SimWorld) => {
    world = of;
  };
  await runSim({ ...failing, check: look });
  expect(world?.processes[0]?.lives).toBeGreaterThan(5);
  const ending = onlyProcess(({ clock }) => clock.sleep(100));
  await runSim({ ...ending, check: look });
  expect(world?.processes[0]?.lives).toBe(1);
});

it('ends early when all is done', async () => {
  const done = (world: SimWorld) => world.bus.messages('TRADING').length > 30;
  const report = await runSim(chatterSim(1, { faults: 'none', faultsUntilMs: 0, done }));
  expect(report.endedAtMs).toBeLessThan(10_000);
});
