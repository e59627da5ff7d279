import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Kubernetes } from './kubernetes.ts';
import { type SignalledPod, signalPod } from './signal-pod.ts';

const CHART = 'capstan';
const ROLL_S = 300;
/** What stays after an uninstall. */
const KEPT = 'persistentvolumeclaim,secret';

/** What is installed. */
export interface ReleaseSettings {
  readonly name: string;
  /** Folder of the chart. */
  readonly chart: string;
  /** Further values, as `helm --set` takes them. */
  readonly sets: readonly string[];
  /** Tag of the images that are tried. */
  readonly tag: string;
  /** Tag of the version before, from which it is upgraded. */
  readonly fromTag?: string;
  /** What scales workers: KEDA, or what is done here in its place. */
  readonly scaler?: 'keda' | 'stand-in';
}

/** What is read of a Deployment. */
interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly generation: number;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[];
  };
}

/** What is read of a pod. */
export interface Pod extends SignalledPod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName: string;
    readonly containers: readonly { readonly image: string }[];
  };
}

/** A release of the chart, and the ways to change it. */
export class Release {
  readonly settings: ReleaseSettings;
  readonly #kubernetes: Kubernetes;
  readonly #fullname: string;

  constructor(kubernetes: Kubernetes, settings: ReleaseSettings) {
    this.#kubernetes = kubernetes;
    this.settings = settings;
    const { name } = settings;
    this.#fullname = name.includes(CHART) ? name : `${name}-${CHART}`;
  }

  /** Name of the object of a service or server. */
  of(component: string): string {
    return `${this.#fullname}-${component}`;
  }

  /** Labels of the pods of a service or server, or of all. */
  selector(component?: string): string {
    const all = `app.kubernetes.io/instance=${this.settings.name}`;
    return component === undefined ? all : `${all},app.kubernetes.io/component=${component}`;
  }

  /** @param values of the chart, beside those of the settings. */
  async install(values: object): Promise<void> {
    const { name, chart, sets, tag, fromTag } = this.settings;
    await this.expectNothing();
    const given = [`global.tag=${fromTag ?? tag}`, ...sets].flatMap((one) => ['--set', one]);
    await inFile(values, async (file) => {
      const how = ['--create-namespace', '--values', file, ...given];
      await this.#kubernetes.change('install', name, chart, ...how);
    });
  }

  /** Changes values of what is installed, and waits until every pod is of them. */
  async upgrade(...sets: readonly string[]): Promise<void> {
    const { name, chart } = this.settings;
    const given = sets.flatMap((one) => ['--set', one]);
    await this.#kubernetes.change('upgrade', name, chart, '--reuse-values', ...given);
    await this.rolled();
  }

  /** Changes values by a map of them, and waits until every pod is of them. */
  async change(values: object): Promise<void> {
    const { name, chart } = this.settings;
    await inFile(values, async (file) => {
      await this.#kubernetes.change('upgrade', name, chart, '--reuse-values', '--values', file);
    });
    await this.rolled();
  }

  /** Goes back to a revision, and waits until every pod is of it. */
  async rollback(revision: number): Promise<void> {
    await this.#kubernetes.change('rollback', this.settings.name, String(revision));
    await this.rolled();
  }

  /** Replaces the pods of a service, or of all, as a new version of it does. */
  async restart(...components: readonly string[]): Promise<void> {
    const names = components.map((one) => `deployment/${this.of(one)}`);
    await this.#kubernetes.kubectl('rollout', 'restart', ...names);
    await this.rolled();
  }

  /** Waits until every Deployment has the pods that it says, and what prepares servers for them is done. */
  async rolled(): Promise<void> {
    for (const { metadata } of await this.#deployments()) {
      const target = `deployment/${metadata.name}`;
      await this.#kubernetes.kubectl('rollout', 'status', target, `--timeout=${ROLL_S}s`);
    }
    const jobs = ['job', '-l', this.selector(), `--timeout=${ROLL_S}s`];
    await this.#kubernetes.kubectl('wait', '--for=condition=complete', ...jobs);
  }

  async scale(target: string, replicas: number): Promise<void> {
    await this.#kubernetes.kubectl('scale', target, `--replicas=${replicas}`);
  }

  /** Deletes pods, of some services or of all, as `kubectl delete --force` does: they are hardly given time to end. */
  async deletePods(...components: readonly string[]): Promise<void> {
    const selectors =
      components.length === 0 ? [this.selector()] : components.map((one) => this.selector(one));
    const now = ['--grace-period=0', '--force', '--wait=false'];
    await Promise.all(
      selectors.map((one) => this.#kubernetes.kubectl('delete', 'pod', '-l', one, ...now)),
    );
  }

  /** Sends a signal to the processes of a pod. */
  async signal(pod: Pod, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const [container] = pod.spec.containers;
    if (container === undefined) throw new Error(`${pod.metadata.name} has no container`);
    await signalPod(this.#kubernetes, container.image, pod, signal);
  }

  /** The pod of a service that was made first and is not about to end: of two, it is the one that works. */
  async oldestPod(component: string): Promise<Pod> {
    const pods = await this.#kubernetes.list<Pod>('pod', this.selector(component));
    const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const [oldest] = alive.sort((a, b) =>
      a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1,
    );
    if (oldest === undefined) throw new Error(`there is no pod of ${component}`);
    return oldest;
  }

  /** Tells a pod to stop, as a scaling down does; resolves at once. */
  async stopPod({ metadata }: Pod): Promise<void> {
    await this.#kubernetes.kubectl('delete', 'pod', metadata.name, '--wait=false');
  }

  /** How many pods of a service are ready. */
  async readyPods(component: string): Promise<number> {
    const [deployment] = await this.#kubernetes.list<Deployment>(
      'deployment',
      this.selector(component),
    );
    return deployment?.status.readyReplicas ?? 0;
  }

  /** Moves every pod off the node of a service, as an upgrade of the node does, then lets it be used again. @returns its name. */
  async drain(component: string): Promise<string> {
    const { nodeName } = (await this.oldestPod(component)).spec;
    try {
      const only = ['--pod-selector', this.selector(), '--ignore-daemonsets', '--force'];
      await this.#kubernetes.kubectl(
        'drain',
        nodeName,
        ...only,
        '--delete-emptydir-data',
        `--timeout=${ROLL_S}s`,
      );
    } finally {
      await this.#kubernetes.kubectl('uncordon', nodeName);
    }
    return nodeName;
  }

  /** Names of services that are not as they should be, with what their Deployments say. */
  async notReady(): Promise<readonly string[]> {
    const all = await this.#deployments();
    return all.filter(isWanting).map(({ metadata, status }) => {
      const messages = (status.conditions ?? []).map(({ message }) => message).filter(Boolean);
      return `${metadata.name}: ${messages.join(' ') || 'no pod yet'}`;
    });
  }

  /** @throws Error where there is such a release already, or what one has left: its journal would be gone on with. */
  async expectNothing(): Promise<void> {
    const found = await this.#kubernetes.kubectl('get', KEPT, '-l', this.selector(), '-o', 'name');
    if (found.trim() === '') return;
    const what = found.trim().split('\n').join(', ');
    throw new Error(
      `there is ${what} in the namespace: uninstall the release and delete what it has left, or name another by --namespace`,
    );
  }

  /** Takes away the release, with the volumes and the password that it would keep. */
  async uninstall(): Promise<void> {
    await this.#kubernetes.helm('uninstall', this.settings.name, '--wait');
    await this.#kubernetes.kubectl('delete', KEPT, '-l', this.selector());
  }

  #deployments(): Promise<readonly Deployment[]> {
    return this.#kubernetes.list<Deployment>('deployment', this.selector());
  }
}

/** Lets a file hold values for so long as somebody reads it. */
async function inFile(values: object, read: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'capstan-cluster-'));
  try {
    const file = join(folder, 'values.yaml');
    await writeFile(file, stringify(values));
    await read(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function isWanting({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = status;
  if (observedGeneration < metadata.generation) return true;
  return [replicas, updatedReplicas, readyReplicas].some((one) => one !== spec.replicas);
}
