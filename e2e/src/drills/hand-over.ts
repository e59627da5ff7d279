import { waitUntil } from '@capstan/embedded';
import { SERVICES, type ServiceName, type ServiceProcess } from '../service-process.ts';
import { ACCOUNT_ID } from '../world.ts';
import type { DrillWorld } from './drill-world.ts';
import { LogTail, OWNING } from './fleet.ts';
import type { Line } from './line.ts';

/** Longest that a key may be without an owner, or a service without work, after anything. */
const WAIT_MS = 60_000;
const POLL_MS = 10;
const OWNS = 'owns its key';
/** How an owner that is none any more says so: its lease has run out, or the store has refused what it wrote. */
const LOST = 'lost its lease';
const FENCED = '"code": "STORE.FENCED"';
/** What a call for it failed by ends it too: it begins anew, as a candidate. */
const FAILED = 'starts over';
const OVER = [LOST, FAILED] as const;
/** With this begins every write of an owner. */
const WRITE = 'fence_check';

export const EVERY_SERVICE: readonly ServiceName[] = [...SERVICES, 'gateway'];

/** Services of which two copies may run: two of the paper exchange would be two brokers. */
export const ROLLED: readonly ServiceName[] = EVERY_SERVICE.filter(
  (name) => name !== 'paper-exchange',
);

/** Services that every slice passes. */
const ON_THE_WAY: readonly ServiceName[] = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'paper-exchange',
  'reporting',
];

/** Who learns that a process has ended: its supervisor, which hands its keys over, or nobody. */
export type Witness = 'supervisor' | 'nobody';

/**
 * Kills a service as `kill -9` does and starts it again at once.
 * @returns milliseconds from the kill until its work goes on.
 */
export async function killAndRestart(
  world: DrillWorld,
  name: ServiceName,
  witness: Witness,
): Promise<number> {
  const work = await Work.of(world, name);
  const pid = await world.kill(name);
  const killedMs = performance.now();
  await work.begins();
  if (witness === 'supervisor') await world.fleet.handOver(pid);
  await world.restart(name);
  await work.goesOn();
  return performance.now() - killedMs;
}

/**
 * Kills a service while a second copy of it waits, of which nobody tells the copy.
 * @returns milliseconds from the kill until the copy works.
 */
export async function killBesideCopy(world: DrillWorld, name: ServiceName): Promise<number> {
  const copy = await world.fleet.startCopy(name);
  const work = await Work.of(world, name);
  await world.kill(name);
  const killedMs = performance.now();
  await work.begins();
  await work.goesOn();
  const resumedMs = performance.now() - killedMs;
  await world.fleet.promote(copy);
  return resumedMs;
}

/** How a service was handed from one copy to the next. */
export interface HandOver {
  /** Milliseconds from SIGTERM until the second copy owned every key; 0 where there are none. */
  readonly ownedMs: number;
  /** Until the first copy had ended. */
  readonly endedMs: number;
  /** Until slices came through that were told after the SIGTERM. */
  readonly resumedMs: number;
}

/** Starts a second copy, ends the first by SIGTERM, and lets the second go on. */
export async function roll(world: DrillWorld, name: ServiceName): Promise<HandOver> {
  const copy = await world.fleet.startCopy(name);
  const tail = await LogTail.of(copy);
  const keys = await keysAt(world, name);
  const work = await Work.of(world, name);
  const startMs = performance.now();
  await work.begins();
  const [ownedMs, endedMs, resumedMs] = await Promise.all([
    owns(tail, keys).then(() => performance.now() - startMs),
    world.fleet.promote(copy).then(() => performance.now() - startMs),
    work.goesOn().then(() => performance.now() - startMs),
  ]);
  return { ownedMs, endedMs, resumedMs };
}

/** What became of an owner that was frozen past its lease and thawed. */
export interface Thawed {
  /** Milliseconds from the freeze until the second copy owned every key. */
  readonly takenOverMs: number;
  /** Until it was thawed. */
  readonly thawedMs: number;
  /** How often the store refused what the thawed owner wrote. */
  readonly fenced: number;
  /** How often it found its lease run out. */
  readonly lost: number;
}

/** How an owner is frozen. */
export interface Freeze {
  /** How long; longer where the second copy needs longer. */
  readonly ms: number;
  /** A line on which something that it says is held on its way from a text on, so that it arrives after the takeover. */
  readonly late?: { readonly line: Line; readonly marker: string };
}

/** A write of the working copy of a service, on its way to PostgreSQL. */
export function lateWrite({ fleet }: DrillWorld, name: ServiceName): NonNullable<Freeze['late']> {
  return { line: fleet.databaseOf(fleet.working(name)), marker: WRITE };
}

/**
 * Freezes the owner of a service's keys, lets a second copy take over and trade, and thaws it.
 * @throws Error where the thawed one does not see that it owns nothing any more, or owns a key again.
 */
export async function freezeAndThaw(
  world: DrillWorld,
  name: ServiceName,
  { ms, late }: Freeze,
): Promise<Thawed> {
  const first = world.fleet.working(name);
  const copy = await world.fleet.startCopy(name);
  const taking = await LogTail.of(copy);
  const work = await Work.of(world, name);
  const keys = await keysAt(world, name);
  if (late !== undefined) await hold(late);
  const startMs = performance.now();
  first.signal('SIGSTOP');
  await work.begins();
  await owns(taking, keys);
  const takenOverMs = performance.now() - startMs;
  await work.goesOn();
  await waitUntil(() => performance.now() - startMs >= ms, ms + WAIT_MS, POLL_MS);
  const thawing = await LogTail.of(first);
  const thawedMs = performance.now() - startMs;
  late?.line.release();
  first.signal('SIGCONT');
  if (!(await thawing.saysOf(keys, WAIT_MS, ...OVER)))
    throw new Error(`the thawed ${name} does not say that it owns nothing any more`);
  const fenced = (await thawing.lines(FENCED)).length;
  const lost = (await thawing.lines(LOST)).length;
  await world.fleet.promote(copy);
  if ((await thawing.lines(OWNS)).length > 0) {
    throw new Error(`the thawed ${name} owned a key again beside its successor`);
  }
  return { takenOverMs, thawedMs, fenced, lost };
}

/** Lets something be on its way. */
async function hold({ line, marker }: NonNullable<Freeze['late']>): Promise<void> {
  line.hold(marker);
  if (await waitUntil(() => line.held > 0, WAIT_MS, POLL_MS)) return;
  throw new Error(`nobody says '${marker}'`);
}

/** Waits for the working copy to have keys, as it may just be taking them, and returns them. */
async function keysAt({ fleet }: DrillWorld, name: ServiceName): Promise<readonly string[]> {
  let keys: readonly string[] = [];
  const hasKeys = async (): Promise<boolean> => {
    keys = await fleet.keysOf(fleet.working(name));
    return keys.length > 0;
  };
  if (!OWNING.includes(name) || (await waitUntil(hasKeys, WAIT_MS, POLL_MS))) return keys;
  throw new Error(`${name} owns nothing after ${WAIT_MS} ms`);
}

/** Waits until a copy has said of every key that it owns it. */
async function owns(tail: LogTail, keys: readonly string[]): Promise<void> {
  if (await tail.saysOf(keys, WAIT_MS, OWNS)) return;
  throw new Error(`the second copy does not own ${keys.join(', ')} after ${WAIT_MS} ms`);
}

/** The work of one service, by which it is seen to go on. */
class Work {
  readonly #world: DrillWorld;
  readonly #name: ServiceName;
  readonly #snapshotId: string | undefined;
  #afterUs = 0;

  private constructor(world: DrillWorld, name: ServiceName, snapshotId: string | undefined) {
    this.#world = world;
    this.#name = name;
    this.#snapshotId = snapshotId;
  }

  static async of(world: DrillWorld, name: ServiceName): Promise<Work> {
    return new Work(world, name, await newestSnapshot(world));
  }

  /** From here on the work is watched: what is under way now does not count. */
  async begins(): Promise<void> {
    this.#afterUs = Math.max(await this.#world.steppedUs(), await this.#world.throughUs());
  }

  /** Waits until it has done something of its own. @throws Error when it does not. */
  async goesOn(): Promise<void> {
    if (await this.#isSeen()) return;
    throw new Error(`the work of ${this.#name} does not go on after ${WAIT_MS} ms`);
  }

  #isSeen(): Promise<boolean> {
    const world = this.#world;
    if (ON_THE_WAY.includes(this.#name)) return world.comesThrough(this.#afterUs, 2, WAIT_MS);
    if (this.#name === 'position-sync') {
      const isNew = async () => (await newestSnapshot(world)) !== this.#snapshotId;
      return waitUntil(isNew, WAIT_MS, POLL_MS);
    }
    const isReady = async () => (await readyOf(world, this.#name)) !== undefined;
    return waitUntil(isReady, WAIT_MS, POLL_MS);
  }
}

async function newestSnapshot({ store }: DrillWorld): Promise<string | undefined> {
  return (await store.snapshots(ACCOUNT_ID, 1)).at(0)?.snapshotId;
}

async function readyOf(world: DrillWorld, name: ServiceName): Promise<ServiceProcess | undefined> {
  const processes = world.fleet.all.filter((one) => one.name === name);
  for (const one of processes) if ((await one.readiness())?.ok === true) return one;
  return undefined;
}
