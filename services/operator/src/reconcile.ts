import type { Resource, Status } from './cluster.ts';

/** What one look after a resource comes to. */
export interface Reconciled {
  readonly status: Status;
  /** Given where they are to be others than they are. */
  readonly finalizers?: readonly string[];
  /** What was asked of the platform, for the log and the count. */
  readonly acts: readonly string[];
}

/** Who the platform's journal says asked for it. */
export const ACTOR = 'kubernetes';

/** What is wanted of it has been passed on, or refused: what a person does by hand since stays. */
export function isSeen({ generation, status }: Resource): boolean {
  return status.observedGeneration === generation;
}

/** The answer to a resource that cannot be read: nothing is asked of the platform. */
export function refusedSpec(resource: Resource, why: string): Reconciled {
  return { status: { ...resource.status, phase: 'Refused', message: why }, acts: [] };
}
