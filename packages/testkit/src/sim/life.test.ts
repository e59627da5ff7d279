import { hasCode, timeUs } from '@capstan/domain';
import { expect, it } from 'vitest';
import { outgoing } from '../suites/bus-reading.ts';
import { at, bytes, START_US } from '../suites/samples.ts';
import { CALM, type FaultRates } from './faults.ts';
import type { SimPorts, SimProgram } from './sim-process.ts';
import { SimWorld } from './sim-world.ts';

const forever = () => new Promise<void>(() => undefined);

function worldOf(seed: number, rates: Partial<FaultRates> = {}): SimWorld {
  return new SimWorld({
    seed,
    startUs: timeUs(START_US),
    rates: { ...CALM, ...rates },
    faultsUntilMs: 60_000,
  });
}

async function runTo(world: SimWorld, ms: number): Promise<void> {
  while ((world.scheduler.nextUs ?? Number.POSITIVE_INFINITY) <= START_US + ms * 1_000) {
    await world.scheduler.step();
  }
  expect(world.bugs).toEqual([]);
}

/** Starts a program whose body is `run`. */
function start(world: SimWorld, run: (ports: SimPorts) => Promise<void>) {
  const make = (ports: SimPorts): SimProgram => ({ run: () => run(ports) });
  return world.process('p', make, { restartMs: undefined });
}

const fence = { key: 'k', epochUs: at(0), token: 1 };

it('settles nothing of a dead life, whose last call may have had its effect or not', async () => {
  const outcomes = new Set<boolean>();
  for (let seed = 0; seed < 40; seed += 1) {
    const world = worldOf(seed);
    let settled = false;
    const process = start(world, async ({ store }) => {
      await store.takeOwnership(fence);
      world.scheduler.after(world.random.integer(0, 4_000), () => process.crash());
      await store.commit({ fence, state: bytes('x') }).finally(() => {
        settled = process.isAlive;
      });
      await forever();
    });
    await runTo(world, 1_000);
    expect(process.isAlive).toBe(false);
    const written = (await world.store.takeOwnership(fence)).state !== undefined;
    if (settled) expect(written).toBe(true);
    else outcomes.add(written);
  }
  expect(outcomes).toEqual(new Set([true, false]));
});

it('is born again with another life, while the world goes on', async () => {
  const world = worldOf(1);
  const incarnations: string[] = [];
  const process = world.process('p', (ports) => ({
    run: async () => {
      incarnations.push(ports.ids.incarnation());
      await ports.bus.publish([outgoing('trading.fill.a', String(incarnations.length))]);
      await forever();
    },
  }));
  world.at(1_000, () => process.crash());
  await runTo(world, 5_000);
  expect(process.lives).toBe(2);
  expect(new Set(incarnations).size).toBe(2);
  expect(world.bus.messages('TRADING')).toHaveLength(2);
});

it('closes what the dead life had open', async () => {
  const world = worldOf(1);
  const process = start(world, async ({ bus, requests }) => {
    await bus.listen('control.x');
    await requests.serve('rpc.x', 'q', async () => ({ data: bytes(''), headers: {} }));
    await forever();
  });
  await runTo(world, 500);
  process.crash();
  const asked = world.requests.request('rpc.x', bytes(''), { timeoutMs: 10 });
  await expect(asked).rejects.toSatisfy((error) => hasCode(error, 'BUS.NO_RESPONDER'));
});

it('notices nothing while frozen, then all of it in order, with its clock gone on', async () => {
  const world = worldOf(4);
  const heard: [string, number][] = [];
  const process = start(world, async ({ bus, clock }) => {
    const startMs = clock.monotonicMs();
    const subscription = await bus.subscribe({ stream: 'MARKET', filters: [], afterSequence: 0 });
    void clock.sleep(1_500).then(() => heard.push(['slept', clock.monotonicMs() - startMs]));
    for (;;) {
      for (const message of await subscription.next()) {
        heard.push([new TextDecoder().decode(message.data), clock.monotonicMs() - startMs]);
      }
    }
  });
  world.at(500, () => process.freeze(5_000));
  world.at(1_000, () => void world.bus.publish([outgoing('market.closed.a', 'one')]));
  world.at(2_000, () => void world.bus.publish([outgoing('market.closed.a', 'two')]));
  await runTo(world, 5_490);
  expect(heard).toEqual([]);
  await runTo(world, 7_000);
  expect(heard.map(([what]) => what)).toEqual(['one', 'slept', 'two']);
  for (const [, ms] of heard) expect(ms).toBeGreaterThan(5_400);
});

it('tells a wall clock that steps from a monotonic one that does not', async () => {
  const world = worldOf(2);
  const read: number[][] = [];
  const process = start(world, async ({ clock }) => {
    for (;;) {
      read.push([clock.nowUs(), clock.monotonicMs()]);
      await clock.sleep(100);
    }
  });
  world.at(50, () => process.stepClock(-10_000));
  await runTo(world, 120);
  const [[wall = 0, monotonic = 0] = [], [laterWall = 0, laterMonotonic = 0] = []] = read;
  expect(laterWall - wall).toBeLessThan(-9_800_000);
  expect(laterMonotonic - monotonic).toBeGreaterThanOrEqual(100);
});

it('does not learn that a step was written when the answer is lost', async () => {
  const world = worldOf(1, { commitAckLost: 1 });
  let code = '';
  start(world, async ({ store }) => {
    await store.takeOwnership(fence);
    await store.commit({ fence, state: bytes('x') }).catch((error) => {
      code = error.code;
    });
    await forever();
  });
  await runTo(world, 1_000);
  expect(code).toBe('STORE.UNAVAILABLE');
  expect((await world.store.takeOwnership(fence)).state).toEqual(bytes('x'));
  expect(world.faults.counts).toEqual({ commitAckLost: 1 });
});

it('stores a part of what is published, or all, and says that it is not known', async () => {
  const kept = async (rates: Partial<FaultRates>) => {
    const world = worldOf(9, rates);
    let failed = false;
    start(world, async ({ bus }) => {
      const messages = ['1', '2', '3', '4', '5'].map((text) => outgoing('trading.fill.a', text));
      await bus.publish(messages).catch((error) => {
        failed = hasCode(error, 'BUS.UNAVAILABLE');
      });
      await forever();
    });
    await runTo(world, 5_000);
    expect(failed).toBe(true);
    return world.bus.messages('TRADING').map((one) => new TextDecoder().decode(one.data));
  };
  expect(await kept({ publishFailed: 1 })).toEqual([]);
  expect(await kept({ publishAckLost: 1 })).toEqual(['1', '2', '3', '4', '5']);
  const cut = await kept({ publishCut: 1 });
  expect(cut.length).toBeGreaterThan(0);
  expect(cut).toEqual(['1', '2', '3', '4', '5'].slice(0, cut.length));
  expect(cut.length).toBeLessThan(5);
  const torn = await kept({ publishTorn: 1 });
  expect(torn).toEqual(torn.toSorted());
  expect(torn).not.toEqual(['1', '2', '3', '4', '5'].slice(0, torn.length));
});

it('holds pushed messages back while the bus is down, and loses notices', async () => {
  const world = worldOf(5);
  const heard: [string, number][] = [];
  start(world, async ({ bus }) => {
    const listener = await bus.listen('control.x');
    const subscription = await bus.subscribe({ stream: 'MARKET', filters: [], afterSequence: 0 });
    void listener.next().then(() => heard.push(['notice', world.nowMs]));
    await subscription.next();
    heard.push(['message', world.nowMs]);
    await forever();
  });
  start(world, async ({ bus, clock }) => {
    await clock.sleep(2_000);
    await bus.notify('control.x', bytes(''));
  });
  world.at(1_000, () => world.faults.takeBusDown(4_000));
  world.at(1_500, () => void world.bus.publish([outgoing('market.closed.a', 'one')]));
  await runTo(world, 10_000);
  expect(heard.map(([what]) => what)).toEqual(['message']);
  expect(heard[0]?.[1]).toBeGreaterThanOrEqual(5_000);
});
