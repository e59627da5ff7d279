import { AppError } from '@capstan/domain';
import type { Log } from '@capstan/ports';
import {
  ApiException,
  type ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  type Informer,
  KubeConfig,
  type KubernetesListObject,
  makeInformer,
  type ObjectCache,
  Observable,
  setHeaderOptions,
} from '@kubernetes/client-node';
import {
  type Cluster,
  type Happening,
  KINDS,
  type Kind,
  type Resource,
  type Status,
} from '../cluster.ts';
import type { OperatorErrorCode } from '../error-codes.ts';
import { LIMITS } from '../limits.ts';
import { GROUP, PLURALS, VERSION } from './crds.ts';
import {
  type KubeObject,
  type KubeStatus,
  resourceOf,
  statusPatch,
  wishOf,
} from './kube-resource.ts';

const NOT_FOUND = 404;
const CONFLICT = 409;
const SOURCE = 'capstan-operator';

/** How long is waited, in milliseconds. */
export interface Patience {
  /** After a failure, before it is begun to follow again. */
  readonly againMs: number;
  /** For an answer: an API server that takes a request and says nothing must not hold up everything else. */
  readonly answerMs: number;
}

const PATIENCE: Patience = { againMs: 3_000, answerMs: LIMITS.kubernetesTimeoutMs };

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
  readonly #againMs: number;
  readonly #timely: ConfigurationOptions;
  readonly #merge: ConfigurationOptions;
  readonly #api: CustomObjectsApi;
  readonly #events: CoreV1Api;
  readonly #followed: Readonly<Record<Kind, Followed>>;
  readonly #log: Log;
  readonly #waiting = new Set<() => void>();
  readonly #problems = new Map<Kind, string>();
  /** How often each could not be followed. */
  readonly #failures = new Map<Kind, number>();
  /** Statuses as Kubernetes has them, which are written over. */
  readonly #told = new WeakMap<Resource, KubeStatus>();
  /** What is wanted of each resource, by its id. */
  readonly #wishes = new Map<string, string>();
  /** Something else is wanted since {@link changed} resolved last. */
  #isDirty = false;
  #stopped = false;

  constructor(config: KubeConfig, namespace: string, log: Log, patience = PATIENCE) {
    this.#againMs = patience.againMs;
    this.#timely = timely(patience.answerMs);
    this.#merge = setHeaderOptions('Content-Type', 'application/merge-patch+json', this.#timely);
    this.#namespace = namespace;
    this.#log = log;
    this.#api = config.makeApiClient(CustomObjectsApi);
    this.#events = config.makeApiClient(CoreV1Api);
    const follow = (kind: Kind): Followed => {
      const path = `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/${PLURALS[kind]}`;
      const informer = makeInformer<KubeObject>(config, path, () => this.#list(kind));
      for (const verb of ['add', 'update'] as const)
        informer.on(verb, (object) => this.#heard(object));
      informer.on('delete', ({ metadata }) => void this.#wishes.delete(metadata?.uid ?? ''));
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
      .map((object) => this.#resource(kind, object))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async read<K extends Kind>({ kind, name, uid }: Resource<K>): Promise<Resource<K> | undefined> {
    const now = (await this.#ask(`read ${kind} ${name}`, () =>
      this.#api.getNamespacedCustomObject({ ...this.#plural(kind), name }, this.#timely),
    )) as KubeObject | undefined;
    // One of the same name that was made since is another resource, which is heard of by itself.
    return now?.metadata?.uid === uid ? this.#resource(kind, now) : undefined;
  }

  changed(atMostMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        this.#isDirty = false;
        resolve();
      };
      const timer = setTimeout(done, atMostMs);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted || this.#isDirty) done();
    });
  }

  async writeStatus(resource: Resource, status: Status): Promise<Resource | undefined> {
    const before = this.#told.get(resource) ?? {};
    const now = new Date().toISOString();
    const body = {
      ...this.#over(resource),
      status: statusPatch(resource, status, { before, now }),
    };
    return this.#patch('write the status of', resource, (of) =>
      this.#api.patchNamespacedCustomObjectStatus({ ...of, body }, this.#merge),
    );
  }

  async setFinalizers(resource: Resource, finalizers: readonly string[]): Promise<void> {
    const { metadata } = this.#over(resource);
    const body = { metadata: { ...metadata, finalizers } };
    await this.#patch('change the finalizers of', resource, (of) =>
      this.#api.patchNamespacedCustomObject({ ...of, body }, this.#merge),
    );
  }

  async remove({ kind, name, uid }: Resource): Promise<void> {
    const body = { preconditions: { uid } };
    await this.#ask(`remove ${kind} ${name}`, () =>
      this.#api.deleteNamespacedCustomObject({ ...this.#plural(kind), name, body }, this.#timely),
    );
  }

  async tell({ kind, name, uid }: Resource, happening: Happening): Promise<void> {
    const namespace = this.#namespace;
    const at = new Date();
    const body = {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: `${GROUP}/${VERSION}`, kind, name, namespace, uid },
      reason: happening.reason,
      message: happening.message,
      type: happening.warns ? 'Warning' : 'Normal',
      source: { component: SOURCE },
      ...{ firstTimestamp: at, lastTimestamp: at, count: 1 },
    };
    await this.#ask(`write an event of ${kind} ${name}`, () =>
      this.#events.createNamespacedEvent({ namespace, body }, this.#timely),
    );
  }

  /** What makes Kubernetes refuse a patch of a resource that has changed since it was read. */
  #over({ uid, version }: Resource) {
    return { metadata: { uid, resourceVersion: version } };
  }

  async #patch<K extends Kind>(
    what: string,
    { kind, name }: Resource<K>,
    patch: (of: Named) => Promise<unknown>,
  ): Promise<Resource<K> | undefined> {
    const now = await this.#ask(`${what} ${kind} ${name}`, () =>
      patch({ ...this.#plural(kind), name }),
    );
    return now === undefined ? undefined : this.#resource(kind, now as KubeObject);
  }

  /** @returns `undefined` where what was asked for is gone. */
  async #ask(what: string, ask: () => Promise<unknown>): Promise<unknown> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ApiException && error.code === NOT_FOUND) return undefined;
      throw clusterError(what, error);
    }
  }

  #resource<K extends Kind>(kind: K, object: KubeObject): Resource<K> {
    const resource = resourceOf(kind, object);
    this.#told.set(resource, object.status ?? {});
    return resource;
  }

  #plural(kind: Kind) {
    const of = { group: GROUP, version: VERSION, namespace: this.#namespace };
    return { ...of, plural: PLURALS[kind] };
  }

  async #list(kind: Kind): Promise<KubernetesListObject<KubeObject>> {
    const of = this.#plural(kind);
    const list = await this.#api.listNamespacedCustomObject(of, this.#timely);
    return list as KubernetesListObject<KubeObject>;
  }

  /** The client tells of a failure beside: a start that returns has not begun for that. */
  async #begin(kind: Kind): Promise<void> {
    const before = this.#failures.get(kind);
    try {
      await this.#followed[kind].start();
      if (this.#failures.get(kind) === before) this.#problems.delete(kind);
    } catch (error) {
      this.#failed(kind, error);
    }
  }

  /** The client has given up: it begins again after a while. */
  #failed(kind: Kind, error: unknown): void {
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
    const { message } = clusterError(`follow ${PLURALS[kind]}`, error);
    if (this.#problems.get(kind) !== message) {
      this.#log.warn('resources cannot be followed now', { kind, error: message });
    }
    this.#problems.set(kind, message);
    const again = setTimeout(() => {
      if (!this.#stopped) void this.#begin(kind);
    }, this.#againMs);
    again.unref();
  }

  /** What is told of a resource wakes nobody: it would be looked at again for its own status. */
  #heard(object: KubeObject): void {
    const uid = object.metadata?.uid ?? '';
    const wish = wishOf(object);
    if (this.#wishes.get(uid) === wish) return;
    this.#wishes.set(uid, wish);
    this.#isDirty = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

function timely(answerMs: number): ConfigurationOptions {
  return {
    middleware: [
      {
        pre: (request) => {
          request.setSignal(AbortSignal.timeout(answerMs));
          return new Observable(Promise.resolve(request));
        },
        post: (response) => new Observable(Promise.resolve(response)),
      },
    ],
    middlewareMergeStrategy: 'append',
  };
}

function clusterError(what: string, error: unknown): AppError {
  const said =
    error instanceof ApiException
      ? `it answered ${error.code}: ${messageOf(error.body)}`
      : error instanceof Error
        ? error.message
        : String(error);
  if (error instanceof ApiException && error.code === CONFLICT)
    return new AppError({
      code: 'OPERATOR.CONFLICT' satisfies OperatorErrorCode,
      why: `Kubernetes was asked to ${what}, which somebody else has changed since: ${said}.`,
      fix: 'Nothing is to be done: it is looked at again as it is now.',
      retry: 'retryable',
    });
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
