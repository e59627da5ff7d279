import { pause } from '../drills/pause.ts';
import type { Forward } from './forward.ts';
import type { Kubernetes } from './kubernetes.ts';
import { type QueueTrigger, queueState } from './work-queue.ts';

/** What is read of a ScaledObject. */
export interface ScaledObject {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicaCount: number;
    readonly maxReplicaCount: number;
    readonly pollingInterval: number;
    readonly cooldownPeriod: number;
    readonly triggers: readonly { readonly metadata: QueueTrigger }[];
  };
}

/** What the number of pods follows from. */
export interface Look {
  /** Jobs that wait or are in hand. */
  readonly lag: number;
  readonly replicas: number;
  /** Seconds since there were jobs last; 0 while there are. */
  readonly idleSeconds: number;
}

/**
 * Returns how many pods there should be, as KEDA and the autoscaler behind it decide it: none, or the lag over its threshold, rounded
 * up, within bounds. The autoscaler's window before it takes pods away is left out: pods go when the cool-down is over.
 */
export function desiredReplicas(
  { spec }: ScaledObject,
  { lag, replicas, idleSeconds }: Look,
): number {
  const [trigger] = spec.triggers;
  if (trigger === undefined) return replicas;
  const { lagThreshold, activationLagThreshold } = trigger.metadata;
  const { minReplicaCount: least, maxReplicaCount: most, cooldownPeriod } = spec;
  if (lag <= Number(activationLagThreshold)) {
    return idleSeconds >= cooldownPeriod ? least : replicas;
  }
  const wanted = Math.ceil(lag / Number(lagThreshold));
  return Math.max(replicas, Math.min(most, Math.max(1, least, wanted)));
}

/** Does what KEDA does with a ScaledObject, in a cluster that has none. */
export class KedaStandIn {
  readonly #kubernetes: Kubernetes;
  readonly #monitoring: Forward;
  readonly #object: ScaledObject;
  readonly #over: Promise<void>;
  #isClosed = false;

  constructor(kubernetes: Kubernetes, monitoring: Forward, object: ScaledObject) {
    this.#kubernetes = kubernetes;
    this.#monitoring = monitoring;
    this.#object = object;
    this.#over = this.#scale();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#over;
  }

  async #scale(): Promise<void> {
    const { scaleTargetRef, pollingInterval, triggers } = this.#object.spec;
    const target = `deployment/${scaleTargetRef.name}`;
    const [trigger] = triggers;
    let activeMs = performance.now();
    while (trigger !== undefined && !this.#isClosed) {
      const { waiting, inHand } = await queueState(this.#monitoring, trigger.metadata);
      const lag = waiting + inHand;
      if (lag > 0) activeMs = performance.now();
      const said = await this.#kubernetes.kubectl('get', target, '-o', 'jsonpath={.spec.replicas}');
      const replicas = Number(said);
      const idleSeconds = (performance.now() - activeMs) / 1_000;
      const wanted = desiredReplicas(this.#object, { lag, replicas, idleSeconds });
      if (wanted !== replicas)
        await this.#kubernetes.kubectl('scale', target, `--replicas=${wanted}`);
      await pause(pollingInterval * 1_000);
    }
  }
}

/** A definition of the resource that takes every ScaledObject, for a cluster that has none. */
export const SCALED_OBJECT_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'scaledobjects.keda.sh' },
  spec: {
    group: 'keda.sh',
    scope: 'Namespaced',
    names: { kind: 'ScaledObject', plural: 'scaledobjects', singular: 'scaledobject' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};
