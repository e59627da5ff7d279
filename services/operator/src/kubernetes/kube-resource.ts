import type { KubernetesObject } from '@kubernetes/client-node';
import { isEmpty, type Kind, type Resource, type Status } from '../cluster.ts';
import { type Condition, conditionsOf } from './conditions.ts';
import { GROUP } from './crds.ts';
import { readSpec } from './specs.ts';

const ADOPT = `${GROUP}/adopt`;
const US_PER_MS = 1_000;

/** A status as Kubernetes has it. */
export type KubeStatus = Readonly<Record<string, Status[string] | readonly Condition[]>>;

/** A resource as Kubernetes has it. */
export interface KubeObject extends KubernetesObject {
  readonly spec?: unknown;
  readonly status?: KubeStatus;
}

/** Reads what logic goes by. */
export function resourceOf<K extends Kind>(kind: K, object: KubeObject): Resource<K> {
  const { metadata = {}, spec, status = {} } = object;
  return {
    kind,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    version: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    ending: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
    adopts: metadata.annotations?.[ADOPT] === 'true',
    spec: readSpec(kind, spec),
    status: statusOf(status),
  };
}

/** Tells by a text what of a resource is wanted: its own status is none of it. */
export function wishOf({ metadata = {} }: KubeObject): string {
  const { uid, generation, deletionTimestamp, finalizers, annotations } = metadata;
  return JSON.stringify([uid, generation, deletionTimestamp, finalizers, annotations?.[ADOPT]]);
}

/**
 * Writes a status as a merge over the one that stands: instants for people, the conditions, and `null` for what is told no more.
 * @param before as Kubernetes has it.
 */
export function statusPatch(
  { kind, generation }: Resource,
  status: Status,
  { before, now }: { readonly before: KubeStatus; readonly now: string },
): Readonly<Record<string, unknown>> {
  const gone = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
  const known = conditionsIn(before);
  const conditions = conditionsOf(kind, status, { before: known, generation, now });
  return { ...gone, ...told(status), conditions };
}

/** People read an instant; logic counts microseconds. */
function told({ lastSliceUs, finishedAtUs, ...all }: Status): KubeStatus {
  // What says nothing is left out: some API servers take an empty text for none, and refuse that.
  const rest = Object.fromEntries(Object.entries(all).filter(([, value]) => !isEmpty(value)));
  return { ...rest, ...instant('lastSlice', lastSliceUs), ...instant('finishedAt', finishedAtUs) };
}

function instant(key: string, atUs: Status[string]): KubeStatus {
  return typeof atUs === 'number' ? { [key]: new Date(atUs / US_PER_MS).toISOString() } : {};
}

function statusOf({ lastSlice, finishedAt, conditions: _, ...rest }: KubeStatus): Status {
  return {
    ...(rest as Status),
    ...microseconds('lastSliceUs', lastSlice),
    ...microseconds('finishedAtUs', finishedAt),
  };
}

function microseconds(key: string, instant: unknown): Status {
  return typeof instant === 'string' ? { [key]: Date.parse(instant) * US_PER_MS } : {};
}

function conditionsIn({ conditions }: KubeStatus): readonly Condition[] {
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : [];
}
