import { timeUs } from '@capstan/domain';
import { drained } from '../drained.ts';
import { describeBus } from '../suites/bus-suite.ts';
import { START_US } from '../suites/samples.ts';
import { describeStore } from '../suites/store-suite.ts';
import { CALM } from './faults.ts';
import type { SimPorts } from './sim-process.ts';
import { SimWorld } from './sim-world.ts';

/** Opens the ports of a process in a calm world whose time flies. */
async function openPorts(seed: number) {
  const world = new SimWorld({ seed, startUs: timeUs(START_US), rates: CALM, faultsUntilMs: 0 });
  let open = true;
  const ports = new Promise<SimPorts>((resolve) => {
    world.process('tester', (given) => {
      resolve(given);
      return { run: () => new Promise<void>(() => undefined) };
    });
  });
  const run = async (): Promise<void> => {
    while (open) if (!(await world.scheduler.step())) await drained();
  };
  const running = run();
  const close = async (): Promise<void> => {
    open = false;
    await running;
  };
  return { world, ports: await ports, close };
}

describeStore('The store of a simulated process', async () => {
  const { ports, close } = await openPorts(1);
  return { store: ports.store, close };
});

describeBus('The bus of a simulated process', async () => {
  const { world, ports, close } = await openPorts(2);
  const { bus, kv, requests, workQueue } = ports;
  return {
    bus,
    kv,
    requests,
    workQueue,
    recreateStream: async (stream) => world.bus.recreateStream(stream),
    dropThrough: async (stream, sequence) => world.bus.dropThrough(stream, sequence),
    close,
  };
});
