import { waitUntil } from '@capstan/embedded';
import { seconds } from '../drills/fault.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { Forward } from './forward.ts';
import { KedaStandIn, SCALED_OBJECT_DEFINITION, type ScaledObject } from './keda-stand-in.ts';
import { type QueueState, queueState } from './work-queue.ts';

const WORKER = 'backtest-worker';
const POLL_MS = 100;
const WAIT_MS = 300_000;
const ASK_MS = 10_000;
/** Several for each worker that there may be. */
const JOBS = 24;
const PORT = { monitoring: 8_222, gateway: 8_080 } as const;
const BARS = '/bars/bars.csv';
const MINUTES = 400_000;

/** Where workers find what they play: minutes of a price that goes up and down, made before a worker starts. */
const MAKE_BARS = `
const { createWriteStream } = require('fs');
const file = createWriteStream('${BARS}');
file.write('timestamp,open,high,low,close,volume\\n');
let close = 100, seed = 7;
for (let n = 0, text = ''; n < ${MINUTES}; n += 1) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  const open = close;
  close = Math.max(10, Math.round((open + (seed / 2147483648 - 0.5) * 0.2) * 100) / 100);
  const at = new Date(Date.UTC(2024, 0, 2) + n * 60000).toISOString();
  text += [at, open, Math.max(open, close), Math.min(open, close), close, 1000].join(',') + '\\n';
  if (n % 10000 === 9999) { file.write(text); text = ''; }
}
file.end();
`;

/** Values of the chart by which workers follow the queue, from none to three. */
function workerValues(image: string): object {
  const mounts = [{ name: 'bars', mountPath: '/bars' }];
  return {
    workers: {
      ...{ mode: 'keda', minReplicas: 0, maxReplicas: 3 },
      keda: { pollingIntervalSeconds: 2, cooldownSeconds: 10, jobsPerWorker: 1 },
    },
    services: {
      [WORKER]: {
        extraVolumes: [{ name: 'bars', emptyDir: {} }],
        extraVolumeMounts: mounts,
        initContainers: [
          {
            ...{ name: 'bars', image, command: ['node', '-e', MAKE_BARS], volumeMounts: mounts },
            securityContext: {
              ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  };
}

/** What became of a job. */
interface Job {
  readonly state: string;
  readonly digest?: string;
  readonly error?: string;
}

/** How the drill asks and looks. */
interface Desk {
  jobs(): Promise<readonly Job[]>;
  submit(spec: object): Promise<void>;
  queue(): Promise<QueueState>;
  pods(): Promise<number>;
}

/**
 * Gives the workers work while there is none, tells one of them to stop in the middle of it, and waits until none is left.
 * @returns what was seen. @throws Error where it is not what it should be.
 */
export async function workersDrilled(world: ClusterWorld): Promise<string> {
  const { kubernetes, release } = world;
  const hasKeda = release.settings.scaler === 'keda';
  const [container] = (await release.oldestPod(WORKER)).spec.containers;
  if (container === undefined) throw new Error('there is no worker');
  if (!hasKeda) await kubernetes.create(SCALED_OBJECT_DEFINITION);
  await release.change(workerValues(container.image));
  const [object] = await kubernetes.list<ScaledObject>('scaledobject', release.selector(WORKER));
  const trigger = object?.spec.triggers[0]?.metadata;
  if (object === undefined || trigger === undefined) throw new Error('there is no ScaledObject');
  const monitoring = await Forward.open(
    kubernetes,
    `service/${release.of('nats')}`,
    PORT.monitoring,
  );
  const gateway = await Forward.open(kubernetes, `service/${release.of('gateway')}`, PORT.gateway);
  const standIn = hasKeda ? undefined : new KedaStandIn(kubernetes, monitoring, object);
  try {
    return await drilled(world, object.spec.maxReplicaCount, {
      ...jobsAt(gateway.port),
      queue: () => queueState(monitoring, trigger),
      pods: () => release.readyPods(WORKER),
    });
  } finally {
    await standIn?.close();
    await gateway.close();
    await monitoring.close();
    await release.upgrade('workers.mode=fixed');
  }
}

async function drilled({ release }: ClusterWorld, most: number, desk: Desk): Promise<string> {
  const after = async (what: string, isSo: () => Promise<boolean>): Promise<number> => {
    const startMs = performance.now();
    if (await waitUntil(isSo, WAIT_MS, POLL_MS)) return performance.now() - startMs;
    throw new Error(`${what}: not in ${WAIT_MS / 1_000} s`);
  };
  await after('no worker without work', async () => (await desk.pods()) === 0);
  for (let index = 0; index < JOBS; index += 1) {
    // The last two of them say the same in other words.
    const fast = Math.min(index, JOBS - 2) + 3;
    const hours = index === JOBS - 1 ? {} : { hours: 'regular' };
    await desk.submit({ bars: BARS, strategy: 'ma-cross', params: { fast, slow: 60 }, ...hours });
  }
  const grownMs = await after(`${most} workers`, async () => (await desk.pods()) === most);
  const before = await desk.queue();
  await release.stopPod(await release.oldestPod(WORKER));
  const backMs = await after('the job is begun anew', async () => {
    const { again, waiting } = await desk.queue();
    return again > before.again || (waiting === 0 && again > 0);
  });
  const doneMs = await after('all jobs', async () =>
    (await desk.jobs()).every(({ state }) => state === 'done' || state === 'failed'),
  );
  sound(await desk.jobs());
  const goneMs = await after('no worker without work', async () => (await desk.pods()) === 0);
  return [
    `0 to ${most} workers in ${seconds(grownMs)}`,
    `the job of a worker that was told to stop was another's after ${seconds(backMs)}`,
    `${JOBS} jobs done ${seconds(doneMs)} later`,
    `0 workers ${seconds(goneMs)} after that`,
  ].join('; ');
}

function sound(jobs: readonly Job[]): void {
  const failed = jobs.find(({ state }) => state !== 'done');
  if (failed !== undefined) throw new Error(`a job is ${failed.state}: ${failed.error}`);
  if (jobs.length !== JOBS) throw new Error(`${jobs.length} jobs, not ${JOBS}`);
  const digests = new Set(jobs.map(({ digest }) => digest));
  // Those two that are the same have one digest.
  if (digests.size !== JOBS - 1) throw new Error(`${digests.size} digests of ${JOBS} jobs`);
}

function jobsAt(port: number): Pick<Desk, 'jobs' | 'submit'> {
  const ask = async (init: RequestInit): Promise<{ readonly jobs: readonly Job[] }> => {
    const signal = AbortSignal.timeout(ASK_MS);
    const response = await fetch(`http://127.0.0.1:${port}/api/jobs`, { ...init, signal });
    if (!response.ok) throw new Error(`/api/jobs: ${response.status} ${await response.text()}`);
    return (await response.json()) as { readonly jobs: readonly Job[] };
  };
  return {
    jobs: async () => (await ask({})).jobs,
    submit: async (spec) => {
      const headers = { 'content-type': 'application/json' };
      await ask({ method: 'POST', headers, body: JSON.stringify({ spec }) });
    },
  };
}
