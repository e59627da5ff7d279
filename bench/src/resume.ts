import {
  DrillWorld,
  EVERY_SERVICE,
  killAndRestart,
  killBesideCopy,
  OWNING,
  ROLLED,
  roll,
  type ServiceName,
} from '@capstan/e2e';
import type { Benchmark, Figure } from './benchmark.ts';
import { spreadOf } from './spread.ts';

/** Times that each is done. */
const TIMES = 3;
/** What DESIGN promises of a killed service. */
const BAR_MS = 6_000;

/** Something that is done to a service, and measured. */
interface Measure {
  readonly what: string;
  readonly services: readonly ServiceName[];
  readonly isPromised: boolean;
  /** @returns milliseconds. */
  readonly take: (world: DrillWorld, name: ServiceName) => Promise<number>;
}

const MEASURES: readonly Measure[] = [
  {
    what: 'kill -9 → its work goes on, started again by a supervisor that hands its keys over',
    services: EVERY_SERVICE,
    isPromised: true,
    take: (world, name) => killAndRestart(world, name, 'supervisor'),
  },
  {
    what: 'kill -9 → its work goes on, started again, its leases left to lapse',
    services: OWNING,
    isPromised: true,
    take: (world, name) => killAndRestart(world, name, 'nobody'),
  },
  {
    what: 'kill -9 → its work goes on in a second copy, its leases left to lapse',
    services: OWNING,
    isPromised: true,
    take: killBesideCopy,
  },
  {
    what: 'SIGTERM → a second copy owns every key',
    services: OWNING,
    isPromised: false,
    take: async (world, name) => (await roll(world, name)).ownedMs,
  },
  {
    what: 'SIGTERM → slices that were told after it have come through a second copy',
    services: ROLLED,
    isPromised: false,
    take: async (world, name) => (await roll(world, name)).resumedMs,
  },
];

/** How long a service is missed, killed or handed over, while everything trades. */
export const resumeBenchmark: Benchmark = {
  name: 'resume',
  title: 'kill -9, or SIGTERM beside a second copy → the work goes on, for each service',
  run: async ({ say }) => {
    const world = await DrillWorld.start();
    try {
      const figures: Figure[] = [];
      for (const measure of MEASURES) {
        say(`resume: ${measure.what}`);
        for (const name of measure.services) figures.push(await figureOf(world, measure, name));
      }
      return { benchmark: 'resume', how: HOW, figures, notes: [] };
    } finally {
      await world.stop();
    }
  },
};

const HOW =
  `Nine services as processes, four bots on three symbols, about ten slices a second, PostgreSQL that waits for the disk. Each ${TIMES} times, the worst told. ` +
  'The work of what a slice passes goes on when a slice that was told after the kill has gone all the way to its equity; of position-sync with its next ' +
  'snapshot of the broker; of the gateway and the worker when they answer that they are ready.';

async function figureOf(
  world: DrillWorld,
  { what, isPromised, take }: Measure,
  name: ServiceName,
): Promise<Figure> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    times.push(await take(world, name));
    await world.recovered();
  }
  const spread = spreadOf(times);
  const figure = { what: `${name}: ${what}`, value: spread.max, unit: 'ms', spread };
  return isPromised ? { ...figure, bar: { value: BAR_MS, better: 'less' } } : figure;
}
