import { waitUntil } from '@capstan/embedded';
import type { DrillWorld } from './drill-world.ts';
import { arrivalsIn } from './evidence.ts';
import { type Fault, type Struck, seconds } from './fault.ts';
import { freezeAndThaw } from './hand-over.ts';
import type { LineState } from './line.ts';
import { pause } from './pause.ts';

/** Past what a call to the venue may take, which is 2 s. */
const BROKEN_MS = { min: 1_000, max: 8_000 } as const;

/** Of all that is said to the venue, only an order names its bot. */
const ORDER = 'ma-fast';
const FREEZE_MS = { min: 5_000, max: 9_000 } as const;
const ARRIVE_MS = 20_000;

/** Faults of the line to the venue. */
export const VENUE_FAULTS: readonly Fault[] = [
  {
    name: 'cut-venue',
    title: 'the connection to the venue is cut and refused for some seconds',
    strike: (world, random) =>
      breakLine(world, 'cut', random.integer(BROKEN_MS.min, BROKEN_MS.max)),
  },
  {
    name: 'silent-venue',
    title: 'the connection to the venue stays open and carries nothing for some seconds',
    strike: (world, random) =>
      breakLine(world, 'silent', random.integer(BROKEN_MS.min, BROKEN_MS.max)),
  },
  {
    name: 'flickering-venue',
    title: 'the connection to the venue is cut ten times, a fraction of a second apart',
    strike: async (world, random) => {
      const beforeUs = await world.throughUs();
      for (let times = 0; times < 10; times += 1) {
        world.line.become('cut');
        world.line.become('whole');
        await pause(random.integer(20, 400));
      }
      return await resumed(world, beforeUs, 'cut ten times');
    },
  },
  {
    name: 'late-send-execution',
    title:
      'SIGSTOP of execution with an order on its way, which arrives after its successor sent it',
    strike: async (world, random) =>
      await sendLate(world, random.integer(FREEZE_MS.min, FREEZE_MS.max)),
  },
];

/** No fence reaches a broker: what a frozen owner had sent may arrive whenever it likes. */
async function sendLate(world: DrillWorld, ms: number): Promise<Struck> {
  const twice = async () =>
    [...arrivalsIn(await world.exchangeJournal()).values()].filter((times) => times > 1);
  const before = (await twice()).length;
  const late = { line: world.line, marker: ORDER };
  const { takenOverMs } = await freezeAndThaw(world, 'execution', { ms, late });
  const hasArrived = async () => (await twice()).length > before;
  if (!(await waitUntil(hasArrived, ARRIVE_MS))) throw new Error('the late order never arrived');
  const seen = `taken over in ${seconds(takenOverMs)}; an order arrived twice`;
  return { seen, resumedMs: takenOverMs };
}

async function breakLine(world: DrillWorld, state: LineState, ms: number): Promise<Struck> {
  const beforeUs = await world.throughUs();
  world.line.become(state);
  await pause(ms);
  world.line.become('whole');
  return await resumed(world, beforeUs, `${state} for ${seconds(ms)}`);
}

async function resumed(world: DrillWorld, beforeUs: number, seen: string): Promise<Struck> {
  const startMs = performance.now();
  if (!(await world.comesThrough(beforeUs, 3))) throw new Error('nothing is traded any more');
  return { seen, resumedMs: performance.now() - startMs };
}
