import type { Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';

/** What one look after a resource comes to. */
export interface Reconciled {
  readonly status: Status;
  /** Given where they are to be others than they are. */
  readonly finalizers?: readonly string[];
  /** What was asked of the platform, for the log and the count. */
  readonly acts: readonly string[];
  /** The resource has been kept as long as it was to be. */
  readonly isOver?: boolean;
}

/** Who the platform's journal says asked for it. */
export const ACTOR = 'kubernetes';

/** What is wanted of it has been passed on, or refused: what a person does by hand since stays. */
export function isSeen({ generation, status }: Resource): boolean {
  return status.observedGeneration === generation;
}

/** The answer to a resource that cannot be read: nothing is asked of the platform. */
export function refusedSpec({ status, generation }: Resource, why: string): Reconciled {
  const message = why.slice(0, LIMITS.messageMax);
  return {
    status: { ...status, observedGeneration: generation, phase: 'Refused', message },
    acts: [],
  };
}

/**
 * The id of a wish's command: the same wish again, after an answer that was lost, is the same command, and is applied once.
 * @param again what tells a further try of a wish that was refused from the first.
 */
export function commandIdOf({ uid, generation }: Resource, again: string | undefined): string {
  return `${ACTOR}-${uid}-${generation}${again === undefined ? '' : `-${again}`}`;
}
