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
/** More are handed in where fewer than this wait. */
const WAITING_LEAST = 20;
const JOBS_AT_ONCE = 30;
const PORT = { monitoring: 8_222, gateway: 8_080 } as const;
const BARS = '/bars/bars.csv';
const MINUTES = 400_000;
const SPEC = { bars: BARS, strategy: 'ma-cross' } as const;

/** Where workers find what they play: minutes of a price that goes up and down, made before a worker starts. */
const MAKE_BARS = `
const { createWriteStream } = require('fs');
const file = createWriteStream('${BARS}');
file.write('timestamp,symbol,open,high,low,close,volume\\n');
let close = 100, seed = 7;
for (let n = 0, text = ''; n < ${MINUTES}; n += 1) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  const open = close;
  close = Math.max(10, Math.round((open + (seed / 2147483648 - 0.5) * 0.2) * 100) / 100);
  const at = new Date(Date.UTC(2024, 0, 2) + n * 60000).toISOString();
  text += [at, 'AAA', open, Math.max(open, close), Math.min(open, close), close, 1000].join(',') + '\\n';
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
        // As many as there may be have room on a small node.
        resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '2Gi' } },
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
  readonly jobId: string;
  readonly state: string;
  readonly digest?: string;
  readonly error?: string;
}

/** How the drill asks and looks. */
interface Desk {
  job(jobId: string): Promise<Job>;
  submit(spec: object): Promise<Job>;
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
  await within('no worker without work', async () => (await desk.pods()) === 0);
  const jobs: string[] = [];
  const grownMs = await within(`${most} workers`, async () => {
    // There is work for as long as they come up.
    if ((await desk.queue()).waiting < WAITING_LEAST) await submitSome(desk, jobs);
    return (await desk.pods()) === most;
  });
  await submitSome(desk, jobs);
  const before = await desk.queue();
  await release.stopPod(await release.oldestPod(WORKER));
  const backMs = await within('the job is begun anew', async () => {
    const { again, waiting, inHand } = await desk.queue();
    return again > before.again || waiting + inHand === 0;
  });
  const doneMs = await within('all jobs', async () => {
    const { waiting, inHand } = await desk.queue();
    return waiting + inHand === 0;
  });
  await allSound(desk, jobs);
  const goneMs = await within('no worker without work', async () => (await desk.pods()) === 0);
  return [
    `0 to ${most} workers in ${seconds(grownMs)}`,
    `the job of a worker that was told to stop was another's after ${seconds(backMs)}`,
    `${jobs.length} jobs done ${seconds(doneMs)} later`,
    `0 workers ${seconds(goneMs)} after that`,
  ].join('; ');
}

/** @returns milliseconds until it was so. */
async function within(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const startMs = performance.now();
  if (await waitUntil(isSo, WAIT_MS, POLL_MS)) return performance.now() - startMs;
  throw new Error(`${what}: not in ${WAIT_MS / 1_000} s`);
}

/** No two jobs are the same. */
async function submitSome(desk: Desk, jobs: string[]): Promise<void> {
  for (let count = 0; count < JOBS_AT_ONCE; count += 1) {
    const params = { fast: 3 + (jobs.length % 50), slow: 60 + Math.floor(jobs.length / 50) };
    const { jobId } = await desk.submit({ ...SPEC, params });
    jobs.push(jobId);
  }
}

async function allSound(desk: Desk, jobs: readonly string[]): Promise<void> {
  for (const jobId of jobs) {
    const { state, error } = await desk.job(jobId);
    if (state !== 'done') throw new Error(`the job ${jobId} is ${state}: ${error}`);
  }
  const [first] = jobs;
  if (first === undefined) throw new Error('there was no job');
  // The same in other words is another job, and has the same result.
  const { jobId } = await desk.submit({ ...SPEC, hours: 'regular', params: { fast: 3, slow: 60 } });
  let again = await desk.job(jobId);
  await within('the first job once more', async () => {
    again = await desk.job(jobId);
    return again.state === 'done' || again.state === 'failed';
  });
  const { digest } = await desk.job(first);
  if (again.digest !== digest) throw new Error(`${again.digest} is not ${digest}`);
}

function jobsAt(port: number): Pick<Desk, 'job' | 'submit'> {
  const ask = async (path: string, init: RequestInit = {}): Promise<Job> => {
    const signal = AbortSignal.timeout(ASK_MS);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { readonly job: Job }).job;
  };
  return {
    job: (jobId) => ask(`/api/jobs/${jobId}`),
    submit: async (spec) => {
      const headers = { 'content-type': 'application/json' };
      return await ask('/api/jobs', { method: 'POST', headers, body: JSON.stringify({ spec }) });
    },
  };
}
