import {
  DrillWorld,
  EVERY_SERVICE,
  killAndRestart,
  killBesideCopy,
  OWNING,
  roll,
  type ServiceName,
} from '@capstan/e2e';
import type { Benchmark, Figure } from './benchmark.ts';
import { spreadOf } from './spread.ts';

/** Times that each is done. */
const TIMES = 3;
/** What DESIGN promises of a killed service. */
const BAR_MS = 6_000;

/** Something that is done to a service. */
interface Measure {
  /** What is measured of it, in the order in which it is told. */
  readonly whats: readonly string[];
  readonly services: readonly ServiceName[];
  /** Whether the first of it must reach what is promised. */
  readonly isPromised: boolean;
  /** @returns milliseconds, one for each of `whats`. */
  readonly take: (world: DrillWorld, name: ServiceName) => Promise<readonly number[]>;
}

const MEASURES: readonly Measure[] = [
  {
    whats: ['kill -9 → its work goes on, started again by a supervisor that hands its keys over'],
    services: EVERY_SERVICE,
    isPromised: true,
    take: async (world, name) => [await killAndRestart(world, name, 'supervisor')],
  },
  {
    whats: ['kill -9 → its work goes on, started again, its leases left to lapse'],
    services: OWNING,
    isPromised: true,
    take: async (world, name) => [await killAndRestart(world, name, 'nobody')],
  },
  {
    whats: ['kill -9 → its work goes on in a second copy, its leases left to lapse'],
    services: OWNING,
    isPromised: true,
    take: async (world, name) => [await killBesideCopy(world, name)],
  },
  {
    whats: [
      'SIGTERM → a second copy owns every key',
      'SIGTERM → its work goes on in a second copy',
    ],
    services: OWNING,
    isPromised: false,
    take: async (world, name) => {
      const { ownedMs, resumedMs } = await roll(world, name);
      return [ownedMs, resumedMs];
    },
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
        say(measure.whats.join('; '));
        for (const name of measure.services)
          figures.push(...(await figuresOf(world, measure, name)));
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

async function figuresOf(
  world: DrillWorld,
  { whats, isPromised, take }: Measure,
  name: ServiceName,
): Promise<readonly Figure[]> {
  const rounds: (readonly number[])[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    rounds.push(await take(world, name));
    await world.recovered();
  }
  return whats.map((what, at) => {
    const spread = spreadOf(rounds.map((round) => round[at] ?? Number.NaN));
    const figure = { what: `${name}: ${what}`, value: spread.max, unit: 'ms', spread };
    return isPromised ? { ...figure, bar: { value: BAR_MS, better: 'less' } as const } : figure;
  });
}
