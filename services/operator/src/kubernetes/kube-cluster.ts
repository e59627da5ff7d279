import { AppError } from '@capstan/domain';
import type { Log } from '@capstan/ports';
import {
  ApiException,
  CustomObjectsApi,
  type Informer,
  KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
  type ObjectCache,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { type Cluster, isEmpty, KINDS, type Kind, type Resource, type Status } from '../cluster.ts';
import type { OperatorErrorCode } from '../error-codes.ts';
import { GROUP, PLURALS, VERSION } from './crds.ts';
import { readSpec } from './specs.ts';

const NOT_FOUND = 404;
const ADOPT = `${GROUP}/adopt`;
const MERGE = setHeaderOptions('Content-Type', 'application/merge-patch+json');

interface KubeObject extends KubernetesObject {
  readonly spec?: unknown;
  readonly status?: Status;
}

interface Named {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
}

type Followed = Informer<KubeObject> & ObjectCache<KubeObject>;

/** The resources of a namespace, by Kubernetes' own client: listed once, followed from then on. */
export class KubeCluster implements Cluster {
  readonly #namespace: string;
  readonly #api: CustomObjectsApi;
  readonly #followed: Readonly<Record<Kind, Followed>>;
  readonly #log: Log;
  readonly #waiting = new Set<() => void>();
  readonly #problems = new Map<Kind, string>();
  #stopped = false;

  /** @throws OPERATOR.CLUSTER where there is no configuration of a cluster. */
  constructor(config: KubeConfig, namespace: string, log: Log) {
    this.#namespace = namespace;
    this.#log = log;
    this.#api = config.makeApiClient(CustomObjectsApi);
    const follow = (kind: Kind): Followed => {
      const path = `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/${PLURALS[kind]}`;
      const informer = makeInformer<KubeObject>(config, path, () => this.#list(kind));
      for (const verb of ['add', 'update', 'delete'] as const)
        informer.on(verb, () => this.#wake());
      informer.on('connect', () => this.#problems.delete(kind));
      informer.on('error', (error: unknown) => this.#failed(kind, error));
      return informer;
    };
    this.#followed = {
      Bot: follow('Bot'),
      Account: follow('Account'),
      BacktestJob: follow('BacktestJob'),
    };
  }

  /** Begins to follow; what cannot be followed now is tried again. */
  async start(): Promise<void> {
    for (const kind of KINDS) await this.#begin(kind);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const kind of KINDS) await this.#followed[kind].stop();
    this.#wake();
  }

  /** Why resources are not followed now; `undefined` while they are. */
  problem(): string | undefined {
    return [...this.#problems.values()][0];
  }

  resources<K extends Kind>(kind: K): readonly Resource<K>[] {
    return this.#followed[kind]
      .list(this.#namespace)
      .map((object) => resourceOf(kind, object))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  changed(atMostMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, atMostMs);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  async writeStatus(resource: Resource, status: Status): Promise<void> {
    const before = Object.keys(statusToKube(resource.status));
    const gone = Object.fromEntries(before.map((key) => [key, null]));
    const body = { status: { ...gone, ...statusToKube(status) } };
    await this.#patch('write the status of', resource, (of) =>
      this.#api.patchNamespacedCustomObjectStatus({ ...of, body }, MERGE),
    );
  }

  async setFinalizers(resource: Resource, finalizers: readonly string[]): Promise<void> {
    await this.#patch('change the finalizers of', resource, (of) =>
      this.#api.patchNamespacedCustomObject({ ...of, body: { metadata: { finalizers } } }, MERGE),
    );
  }

  async #patch(
    what: string,
    { kind, name }: Resource,
    patch: (of: Named) => Promise<unknown>,
  ): Promise<void> {
    try {
      await patch({ ...this.#plural(kind), name });
    } catch (error) {
      if (error instanceof ApiException && error.code === NOT_FOUND) return;
      throw clusterError(`${what} ${kind} ${name}`, error);
    }
  }

  #plural(kind: Kind) {
    const of = { group: GROUP, version: VERSION, namespace: this.#namespace };
    return { ...of, plural: PLURALS[kind] };
  }

  async #list(kind: Kind): Promise<KubernetesListObject<KubeObject>> {
    const of = this.#plural(kind);
    return (await this.#api.listNamespacedCustomObject(of)) as KubernetesListObject<KubeObject>;
  }

  async #begin(kind: Kind): Promise<void> {
    try {
      await this.#followed[kind].start();
      this.#problems.delete(kind);
    } catch (error) {
      this.#failed(kind, error);
    }
  }

  /** The client has given up: it begins again after a while. */
  #failed(kind: Kind, error: unknown): void {
    const { message } = clusterError(`follow ${PLURALS[kind]}`, error);
    if (this.#problems.get(kind) !== message) {
      this.#log.warn('resources cannot be followed now', { kind, error: message });
    }
    this.#problems.set(kind, message);
    const again = setTimeout(() => {
      if (!this.#stopped) void this.#begin(kind);
    }, AGAIN_MS);
    again.unref();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

const AGAIN_MS = 3_000;

function resourceOf<K extends Kind>(
  kind: K,
  { metadata = {}, spec, status }: KubeObject,
): Resource<K> {
  return {
    kind,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    ending: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
    adopts: metadata.annotations?.[ADOPT] === 'true',
    spec: readSpec(kind, spec),
    status: statusOfKube(status ?? {}),
  };
}

const US_PER_MS = 1_000;

/** People read an instant; logic counts microseconds. */
function statusToKube({ lastSliceUs, ...all }: Status): Status {
  // What says nothing is left out: some API servers take an empty text for none, and refuse that.
  const rest = Object.fromEntries(Object.entries(all).filter(([, value]) => !isEmpty(value)));
  if (typeof lastSliceUs !== 'number') return rest;
  return { ...rest, lastSlice: new Date(lastSliceUs / US_PER_MS).toISOString() };
}

function statusOfKube({ lastSlice, ...rest }: Status): Status {
  return typeof lastSlice === 'string'
    ? { ...rest, lastSliceUs: Date.parse(lastSlice) * US_PER_MS }
    : rest;
}

function clusterError(what: string, error: unknown): AppError {
  const said =
    error instanceof ApiException
      ? `it answered ${error.code}: ${messageOf(error.body)}`
      : error instanceof Error
        ? error.message
        : String(error);
  return new AppError({
    code: 'OPERATOR.CLUSTER' satisfies OperatorErrorCode,
    why: `Kubernetes was asked to ${what}: ${said}.`,
    fix: 'Look at the rights of the service account, and whether the definitions of the resources are installed.',
    retry: 'retryable',
  });
}

function messageOf(body: unknown): string {
  const read = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    const { message } = JSON.parse(read) as { readonly message?: string };
    return message ?? read;
  } catch {
    return read;
  }
}

/** Reads how the cluster is reached: the pod's own service account, or a kubeconfig. */
export function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}
