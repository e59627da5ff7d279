import { type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import { drained } from '../drained.ts';
import { CALM, type FaultKind, type FaultRates, STORMY } from './faults.ts';
import { SimWorld } from './sim-world.ts';

/** 2026-01-05T14:30:00Z, the opening of a session. */
const START_US = timeUs(1_767_623_400_000_000);
const STEPS_MAX = 2_000_000;
const TAIL_LINES = 40;
/** How many steps lie between two turns of the event loop. */
const TURN_STEPS = 32;

/** A run of a simulated world. */
export interface SimOptions {
  readonly seed: number;
  /** Starts the processes and writes the script. */
  build(world: SimWorld): void | Promise<void>;
  /** Throws where the world, at its end, is not as it must be. Reads the world's own adapters. */
  check(world: SimWorld): void | Promise<void>;
  /** Virtual length of the run. */
  readonly untilMs: number;
  /** Nothing goes wrong after this; half of the run unless told. */
  readonly faultsUntilMs?: number;
  /** What goes wrong how often, over `STORMY`; `faults: 'none'` for a calm world. */
  readonly faults?: Partial<FaultRates> | 'none';
  /** The numbers of the faults that may strike, of those that the seed draws: what a failure is shrunk by. All unless told. */
  readonly onlyFaults?: readonly number[] | undefined;
  /** Ends the run early, once nothing goes wrong any more. Called after every step from there on. */
  done?(world: SimWorld): boolean;
  /** Throws where the world is not as it must always be. Called after every step. */
  always?(world: SimWorld): void;
  readonly startUs?: TimeUs;
  readonly stepsMax?: number;
  /** Returns the command that replays a seed, for the report. */
  replay?(seed: number): string;
}

/** How a run went. */
export interface SimReport {
  readonly seed: number;
  readonly steps: number;
  readonly endedAtMs: number;
  /** Digest of everything that happened: the same for the same seed. */
  readonly historyHash: string;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** The numbers of the faults that struck, counted from 1 as the seed draws them. */
  readonly struck: readonly number[];
  /** The last things that happened, the oldest first. */
  readonly tail: readonly string[];
}

/** A run that did not hold. Its message names the seed and the last things that happened. */
export class SimFailure extends Error {
  readonly report: SimReport;

  constructor(message: string, report: SimReport, cause: unknown) {
    super(message, { cause });
    this.name = 'SimFailure';
    this.report = report;
  }
}

/**
 * Runs a world from a seed to its end and checks it. One run at a time in one process.
 * @throws SimFailure when a bug shows, when a check throws, or when the run takes too many steps.
 */
export async function runSim(options: SimOptions): Promise<SimReport> {
  const { seed, untilMs, startUs = START_US, onlyFaults } = options;
  const rates = options.faults === 'none' ? CALM : { ...STORMY, ...options.faults };
  const faultsUntilMs = options.faultsUntilMs ?? untilMs / 2;
  const world = new SimWorld({ seed, startUs, rates, faultsUntilMs, onlyFaults });
  const release = catchUnhandled(world);
  try {
    await options.build(world);
    await runSteps(world, options);
    for (const process of world.processes) process.bury();
    if (world.bugs.length === 0) await options.check(world);
  } catch (error) {
    world.fail(error, 'the check');
  } finally {
    for (const process of world.processes) process.bury();
    await drained();
    release();
  }
  const report = reportOf(world);
  const bug = world.bugs[0];
  if (bug === undefined) return report;
  throw new SimFailure(messageOf(bug, report, options), report, bug.error);
}

async function runSteps(world: SimWorld, options: SimOptions): Promise<void> {
  const { scheduler, faults } = world;
  const { stepsMax = STEPS_MAX } = options;
  const endUs = scheduler.nowUs() + options.untilMs * US_PER_MS;
  while (world.bugs.length === 0) {
    const nextUs = scheduler.nextUs;
    if (nextUs === undefined || nextUs > endUs) return;
    if (scheduler.steps >= stepsMax) throw new Error(`the run takes more than ${stepsMax} steps`);
    await scheduler.step();
    options.always?.(world);
    if (!faults.active && options.done?.(world) === true) return;
    // Rejections that nobody handles are told in a turn of the event loop.
    if (scheduler.steps % TURN_STEPS === 0) await drained();
  }
}

/** Rejections that nobody handles are bugs of the run, not of the test runner. */
function catchUnhandled(world: SimWorld): () => void {
  const event = 'unhandledRejection';
  const others = process.listeners(event);
  process.removeAllListeners(event);
  process.on(event, (error) => world.fail(error, 'a promise that nobody awaits'));
  return () => {
    process.removeAllListeners(event);
    for (const listener of others) process.on(event, listener);
  };
}

function reportOf(world: SimWorld): SimReport {
  return {
    seed: world.seed,
    steps: world.scheduler.steps,
    endedAtMs: world.nowMs,
    historyHash: world.history.hash,
    faults: world.faults.counts,
    struck: world.faults.struck,
    tail: world.history.tail(TAIL_LINES),
  };
}

function messageOf(
  bug: { readonly where: string; readonly error: unknown },
  report: SimReport,
  options: SimOptions,
): string {
  const { seed, endedAtMs, steps, faults, tail } = report;
  const why = bug.error instanceof Error ? `${bug.error.name}: ${bug.error.message}` : bug.error;
  return [
    `seed ${seed} failed after ${endedAtMs.toFixed(3)} ms and ${steps} steps, in ${bug.where}`,
    `  ${String(why)}`,
    `  replay: ${options.replay?.(seed) ?? `runSim({ seed: ${seed}, … })`}`,
    `  faults: ${JSON.stringify(faults)}`,
    '  last of all:',
    ...tail.map((line) => `    ${line}`),
  ].join('\n');
}
