import type { Kubernetes } from './kubernetes.ts';

const NAME = 'capstan-drills-signal';
/** How long the pod beside it may take: its node has the image. */
const SIGNAL_MS_MAX = 120_000;
/** What is not Capstan's own is in the cgroup of another pod. */
const SCRIPT = `
const { readdirSync, readFileSync } = require('fs');
const uids = [process.argv[1], process.argv[1].replaceAll('-', '_')];
const hit = readdirSync('/proc').filter((pid) => {
  if (!/^[0-9]+$/.test(pid) || pid === String(process.pid)) return false;
  try {
    const group = readFileSync('/proc/' + pid + '/cgroup', 'utf8');
    const program = readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0')[0];
    return uids.some((uid) => group.includes('pod' + uid)) && !program.includes('pause');
  } catch { return false; }
});
for (const pid of hit) process.kill(Number(pid), process.argv[2]);
console.log(hit.length);
`;

/** A pod that is sent a signal. */
export interface SignalledPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
}

/**
 * Sends a signal to the processes of a pod, from a pod beside it that sees all processes of the node: nothing inside a container can
 * kill its first process, and a pod that is deleted is first asked to end.
 * @param image of Node, which the node has.
 * @throws Error where nothing was hit.
 */
export async function signalPod(
  kubernetes: Kubernetes,
  image: string,
  { metadata, spec }: SignalledPod,
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
): Promise<void> {
  const overrides = {
    spec: {
      ...{ nodeName: spec.nodeName, hostPID: true, restartPolicy: 'Never' },
      ...{ automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 },
      containers: [
        {
          ...{ name: NAME, image, command: ['node', '-e', SCRIPT, metadata.uid, signal] },
          securityContext: { runAsUser: 0, privileged: true },
        },
      ],
    },
  };
  const how = ['--image', image, '--restart=Never', `--overrides=${JSON.stringify(overrides)}`];
  await kubernetes.kubectl('delete', 'pod', NAME, '--ignore-not-found');
  await kubernetes.kubectl('run', NAME, ...how);
  try {
    const hit = await outputOf(kubernetes);
    if (!(hit > 0)) throw new Error(`no process of ${metadata.name} was found on ${spec.nodeName}`);
  } finally {
    await kubernetes.kubectl('delete', 'pod', NAME, '--wait=false', '--ignore-not-found');
  }
}

async function outputOf(kubernetes: Kubernetes): Promise<number> {
  const over = 'jsonpath={.status.phase}';
  const deadlineMs = performance.now() + SIGNAL_MS_MAX;
  for (;;) {
    const phase = await kubernetes.kubectl('get', 'pod', NAME, '-o', over);
    if (phase === 'Succeeded') return Number(await kubernetes.kubectl('logs', NAME));
    if (phase === 'Failed') throw new Error(`${NAME}: ${await kubernetes.kubectl('logs', NAME)}`);
    if (performance.now() > deadlineMs) {
      throw new Error(`${NAME} is ${phase} for ${SIGNAL_MS_MAX / 1_000} s: kubectl describe pod`);
    }
  }
}
