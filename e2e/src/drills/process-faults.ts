import type { ServiceName } from '../service-process.ts';
import type { DrillWorld } from './drill-world.ts';
import { type Fault, type Struck, seconds } from './fault.ts';
import { OWNING } from './fleet.ts';
import {
  EVERY_SERVICE,
  freezeAndThaw,
  killAndRestart,
  lateWrite,
  ROLLED,
  roll,
} from './hand-over.ts';
import { pause } from './pause.ts';

/** Well past a lease, and past the time-outs of the store. */
const FREEZE_MS = { min: 6_000, max: 15_000 } as const;
/** After so long a client no longer hears what became of its write. */
const WRITE_GIVEN_UP_MS = 11_000;
/** Past a lease, and short of that. */
const WRITE_FREEZE_MS = { min: 5_000, max: 8_000 } as const;
/** A frozen venue: past what a call may take. */
const VENUE_FREEZE_MS = { min: 3_000, max: 6_000 } as const;

/** Faults of processes: killed, frozen past their lease, and handed over. */
export const PROCESS_FAULTS: readonly Fault[] = [
  ...EVERY_SERVICE.map(killing),
  ...OWNING.map(freezing),
  ...OWNING.map(freezingInWrite),
  {
    name: 'freeze-paper-exchange',
    title: 'SIGSTOP of the venue for some seconds, then SIGCONT',
    strike: async (world, random) => {
      const ms = random.integer(VENUE_FREEZE_MS.min, VENUE_FREEZE_MS.max);
      return await freezeVenue(world, ms);
    },
  },
  ...ROLLED.map(rolling),
];

function killing(name: ServiceName): Fault {
  return {
    name: `kill-${name}`,
    title: `kill -9 of ${name}, then a restart; its keys are handed over, or lapse`,
    strike: async (world, random) => {
      const witness = random.chance(0.5) ? 'supervisor' : 'nobody';
      const resumedMs = await killAndRestart(world, name, witness);
      const how = witness === 'supervisor' ? 'keys handed over' : 'leases left to lapse';
      return { seen: how, resumedMs };
    },
  };
}

function freezing(name: ServiceName): Fault {
  return {
    name: `freeze-${name}`,
    title: `SIGSTOP of ${name} past its lease beside a second copy, which takes over; then SIGCONT`,
    strike: async (world, random) => {
      const ms = random.integer(FREEZE_MS.min, FREEZE_MS.max);
      const { takenOverMs, fenced, lost } = await freezeAndThaw(world, name, { ms });
      const after = `thawed after ${seconds(ms)}: ${fenced} writes refused, ${lost} leases lost`;
      return { seen: `taken over in ${seconds(takenOverMs)}; ${after}`, resumedMs: takenOverMs };
    },
  };
}

function freezingInWrite(name: ServiceName): Fault {
  return {
    name: `late-write-${name}`,
    title: `the same, with a write of ${name} on its way, which arrives after the takeover`,
    strike: async (world, random) => {
      const ms = random.integer(WRITE_FREEZE_MS.min, WRITE_FREEZE_MS.max);
      const how = { ms, late: lateWrite(world, name) };
      const { takenOverMs, thawedMs, fenced } = await freezeAndThaw(world, name, how);
      if (fenced === 0) {
        if (thawedMs > WRITE_GIVEN_UP_MS) return { seen: 'too slow a machine', isSkipped: true };
        throw new Error(`no late write of the thawed ${name} was refused`);
      }
      const seen = `taken over in ${seconds(takenOverMs)}; ${fenced} late writes refused`;
      return { seen, resumedMs: takenOverMs };
    },
  };
}

function rolling(name: ServiceName): Fault {
  return {
    name: `roll-${name}`,
    title: `a second copy of ${name}, then SIGTERM of the first`,
    strike: async (world) => {
      const { ownedMs, endedMs, resumedMs } = await roll(world, name);
      return { seen: `owned after ${ownedMs.toFixed(0)} ms, ended ${seconds(endedMs)}`, resumedMs };
    },
  };
}

async function freezeVenue(world: DrillWorld, ms: number): Promise<Struck> {
  const venue = world.fleet.working('paper-exchange');
  venue.signal('SIGSTOP');
  await pause(ms);
  const afterUs = await world.throughUs();
  const startMs = performance.now();
  venue.signal('SIGCONT');
  if (!(await world.comesThrough(afterUs, 2))) throw new Error('the thawed venue does not go on');
  return { seen: `frozen for ${seconds(ms)}`, resumedMs: performance.now() - startMs };
}
