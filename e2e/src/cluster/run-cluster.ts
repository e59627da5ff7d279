import { seconds } from '../drills/fault.ts';
import { type Judgement, judged, messageOf } from '../drills/judged.ts';
import type { Ears } from '../drills/program.ts';
import type { Stroke } from '../drills/report.ts';
import type { ClusterArguments } from './arguments.ts';
import { type ClusterFault, struck } from './cluster-faults.ts';
import { ClusterWorld, type Installed } from './cluster-world.ts';
import { Kubernetes } from './kubernetes.ts';
import { Release } from './release.ts';

/** What came of it. */
export interface ClusterReport extends Judgement {
  readonly installed: Installed;
  readonly strokes: readonly Stroke[];
}

/** What a run is told. */
export interface ClusterRules extends Ears {
  readonly drill: Extract<ClusterArguments, { readonly kind: 'drill' }>;
  readonly say: (line: string) => void;
  /** Ends the run before the next fault. */
  readonly signal: AbortSignal;
}

/** Installs the platform, lets everything happen to it that is asked for, and judges what it did. */
export async function runCluster({ drill, say, signal }: ClusterRules): Promise<ClusterReport> {
  const kubernetes = new Kubernetes(drill.kubernetes);
  const release = new Release(kubernetes, drill.release);
  say('installs the chart');
  const { world, installed } = await ClusterWorld.install(kubernetes, release);
  const { readyMs, firstFillMs } = installed;
  say(
    `every pod is ready after ${seconds(readyMs)}, the first fill was after ${seconds(firstFillMs)}`,
  );
  try {
    const strokes = await strikeAll(world, drill.faults, { say, signal });
    say('the faults are over: the feed is ended, and what is journaled is read');
    return { installed, strokes, ...(await judged(world)) };
  } finally {
    await world.close();
  }
}

/** Whether nothing speaks against the platform. */
export function isWell({ strokes, findings }: ClusterReport): boolean {
  return (
    strokes.every(({ outcome }) => outcome === 'survived') &&
    findings.every(({ problems }) => problems.length === 0)
  );
}

/** The first fault that is not survived is the last. */
async function strikeAll(
  world: ClusterWorld,
  faults: readonly ClusterFault[],
  { say, signal }: Omit<ClusterRules, 'drill'>,
): Promise<readonly Stroke[]> {
  const strokes: Stroke[] = [];
  for (const fault of faults) {
    if (signal.aborted) break;
    const stroke = await strike(world, fault);
    strokes.push(stroke);
    const after =
      stroke.resumedMs === undefined ? '' : `, works after ${seconds(stroke.resumedMs)}`;
    say(`${fault.name}: ${stroke.outcome}${after}; ${stroke.seen}`);
    if (stroke.outcome === 'failed') break;
  }
  return strokes;
}

async function strike(world: ClusterWorld, fault: ClusterFault): Promise<Stroke> {
  const { name } = fault;
  try {
    return { name, outcome: 'survived', ...(await struck(world, fault)) };
  } catch (error) {
    return { name, outcome: 'failed', seen: messageOf(error) };
  }
}
