import { Random } from '@capstan/testkit';
import type { DrillArguments } from './arguments.ts';
import { DrillWorld } from './drill-world.ts';
import type { Fault } from './fault.ts';
import { seconds } from './fault.ts';
import { FAULTS } from './faults.ts';
import { type Judgement, judged, messageOf } from './judged.ts';
import { planOf } from './plan.ts';
import type { Ears } from './program.ts';
import type { Stroke } from './report.ts';

/** What came of a drill. */
export interface DrillReport extends Judgement {
  readonly strokes: readonly Stroke[];
  /** Where the logs are; absent where all went well. */
  readonly logs: string | undefined;
}

/** What a drill is told. */
export interface DrillRules extends Ears {
  readonly drill: Extract<DrillArguments, { readonly kind: 'drill' }>;
}

/** Starts the platform, lets the faults of the seed strike it one after the other, and judges what it did. */
export async function runDrills({ drill, say, signal }: DrillRules): Promise<DrillReport> {
  say(`seed ${drill.seed}: starting the platform`);
  const world = await DrillWorld.start();
  try {
    const strokes = await strikeAll(world, { drill, say, signal });
    say('the faults are over: the feed is ended, and what is journaled is read');
    const { findings, load } = await judged(world);
    const isWell =
      strokes.every(({ outcome }) => outcome !== 'failed') &&
      findings.every(({ problems }) => problems.length === 0);
    world.servers.isKept = !isWell;
    const logs = isWell ? undefined : world.servers.folder;
    return { strokes, findings, load, logs };
  } finally {
    await world.stop();
  }
}

/** The first fault that is not survived is the last. */
async function strikeAll(
  world: DrillWorld,
  { drill, say, signal }: DrillRules,
): Promise<readonly Stroke[]> {
  const faults = FAULTS.filter(({ name }) => drill.names.includes(name));
  const endMs = performance.now() + drill.minutes * 60_000;
  const strokes: Stroke[] = [];
  for (const { fault, seed } of planOf(faults, drill.seed)) {
    const isDone = drill.isOnce && strokes.length === faults.length;
    if (isDone || signal.aborted || performance.now() >= endMs) break;
    const stroke = await strike(world, fault, seed);
    strokes.push(stroke);
    const after =
      stroke.resumedMs === undefined ? '' : `, works after ${seconds(stroke.resumedMs)}`;
    say(`${fault.name}: ${stroke.outcome}${after}; ${stroke.seen}`);
    if (stroke.outcome === 'failed') break;
  }
  return strokes;
}

async function strike(world: DrillWorld, fault: Fault, seed: number): Promise<Stroke> {
  const { name } = fault;
  try {
    const { isSkipped, ...seen } = await fault.strike(world, new Random(seed));
    await world.recovered();
    return { name, outcome: isSkipped === true ? 'skipped' : 'survived', ...seen };
  } catch (error) {
    return { name, outcome: 'failed', seen: messageOf(error) };
  }
}
