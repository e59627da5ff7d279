import { type Struck, seconds } from '../drills/fault.ts';
import { EVERY_SERVICE, ROLLED } from '../drills/hand-over.ts';
import { pause } from '../drills/pause.ts';
import type { ServiceName } from '../service-process.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { slowestOf } from './lease-watch.ts';
import { workersDrilled } from './worker-drill.ts';

/** How long a server is away. */
const AWAY_MS = 15_000;
/** Well past a lease, and short of the probes. */
const FREEZE_MS = 10_000;

/** Something that happens to an installation. */
export interface ClusterFault {
  readonly name: string;
  readonly title: string;
  /** What it takes that not everybody has: the version before; something that scales workers. */
  readonly takes?: 'version-before' | 'scaler';
  /** Does it, and mends what would not mend by itself; resolves when that is done. @returns what was seen. */
  strike(world: ClusterWorld): Promise<string>;
}

/** All that happens, in its order: the installation is of the version before until it is upgraded. */
export const CLUSTER_FAULTS: readonly ClusterFault[] = [
  ...EVERY_SERVICE.map(upgrading),
  {
    name: 'roll-back-all',
    title: 'helm rollback to the version before, all services at once',
    takes: 'version-before',
    strike: async ({ release }) => {
      await release.rollback(1);
      return `every pod is of ${release.settings.fromTag}`;
    },
  },
  {
    name: 'upgrade-all',
    title: 'helm upgrade of all services at once',
    takes: 'version-before',
    strike: async ({ release }) => {
      await release.upgrade(`global.tag=${release.settings.tag}`);
      return `every pod is of ${release.settings.tag}`;
    },
  },
  ...ROLLED.map(rolling),
  {
    name: 'roll-all',
    title: 'kubectl rollout restart of all services at once',
    strike: async ({ release }) => {
      await release.restart(...EVERY_SERVICE);
      return 'every pod is new';
    },
  },
  ...EVERY_SERVICE.map(killing),
  {
    name: 'delete-all',
    title: 'kubectl delete --force of every pod of the release, PostgreSQL and NATS too',
    strike: async ({ release }) => {
      await release.deletePods();
      return 'every pod ended at once';
    },
  },
  {
    name: 'freeze-beside-stand-by',
    title:
      'SIGSTOP of execution past its lease beside a second pod, which takes over; then SIGCONT',
    strike: freezing,
  },
  cutting('nats'),
  cutting('postgresql'),
  cutting('nats', 'postgresql'),
  {
    name: 'drain',
    title: 'kubectl drain of the node that execution is on, then uncordon',
    strike: async ({ release }) => `drained ${await release.drain('execution')}`,
  },
  {
    name: 'scale-workers',
    title: 'backtests for workers that follow the queue from none to three; one is told to stop',
    takes: 'scaler',
    strike: workersDrilled,
  },
];

function upgrading(service: ServiceName): ClusterFault {
  return {
    name: `upgrade-${service}`,
    title: `helm upgrade of ${service} alone`,
    takes: 'version-before',
    strike: async ({ release }) => {
      const { tag } = release.settings;
      await release.upgrade(`services.${service}.image.tag=${tag}`);
      return `${service} is of ${tag}`;
    },
  };
}

function rolling(service: ServiceName): ClusterFault {
  return {
    name: `roll-${service}`,
    title: `kubectl rollout restart of ${service}`,
    strike: async ({ release }) => {
      await release.restart(service);
      return 'the old pod has ended';
    },
  };
}

function killing(service: ServiceName): ClusterFault {
  return {
    name: `kill-${service}`,
    title: `kill -9 of the process of ${service}, in its pod`,
    strike: async ({ release }) => {
      await release.signal(await release.oldestPod(service), 'SIGKILL');
      return 'killed';
    },
  };
}

function cutting(...servers: readonly ('nats' | 'postgresql')[]): ClusterFault {
  return {
    name: `cut-${servers.join('-and-')}`,
    title: `${servers.join(' and ')} scaled to nothing for ${AWAY_MS / 1_000} s`,
    strike: async ({ release }) => {
      const targets = servers.map((one) => `statefulset/${release.of(one)}`);
      await Promise.all(targets.map((one) => release.scale(one, 0)));
      await pause(AWAY_MS);
      await Promise.all(targets.map((one) => release.scale(one, 1)));
      return `away for ${AWAY_MS / 1_000} s, and as long as it takes to start`;
    },
  };
}

async function freezing({ release, leases }: ClusterWorld): Promise<string> {
  await release.upgrade('services.execution.replicas=2');
  const working = await release.oldestPod('execution');
  leases.handOvers.taken();
  await release.signal(working, 'SIGSTOP');
  await pause(FREEZE_MS);
  await release.signal(working, 'SIGCONT');
  const taken = slowestOf(leases.handOvers.taken());
  await release.upgrade('services.execution.replicas=1');
  return `frozen for ${FREEZE_MS / 1_000} s: ${taken}`;
}

/** Lets something happen, and waits until slices go all the way again. @throws Error where they do not. */
export async function struck(world: ClusterWorld, fault: ClusterFault): Promise<Struck> {
  world.leases.handOvers.taken();
  const startMs = performance.now();
  const seen = await fault.strike(world);
  const doneMs = performance.now();
  const afterUs = await world.throughUs().catch(() => 0);
  if (!(await world.comesThrough(afterUs, 2))) throw new Error('nothing is traded any more');
  const resumedMs = performance.now() - doneMs;
  await world.recovered();
  const handed = slowestOf(world.leases.handOvers.taken());
  const took = seconds(doneMs - startMs);
  return { seen: `${seen}, after ${took}; ${handed}`, resumedMs };
}
