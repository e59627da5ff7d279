import type { Clock } from '@capstan/ports';
import type { Resource } from './cluster.ts';
import { LIMITS } from './limits.ts';

interface Failed {
  /** What was wanted as it failed: something else is looked at without waiting. */
  readonly wish: string;
  readonly count: number;
  readonly dueMs: number;
}

/** When resources that could not be looked after are looked at again: soon at first, later as they go on failing. */
export class Retries {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #failed = new Map<string, Failed>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** @returns how often in a row it has failed now. */
  failed(resource: Resource): number {
    const wish = wishOf(resource);
    const before = this.#failed.get(resource.uid);
    const count = before?.wish === wish ? before.count + 1 : 1;
    const waitMs = Math.min(LIMITS.retryFirstMs * 2 ** (count - 1), LIMITS.retryMaxMs);
    const dueMs = this.#clock.monotonicMs() + waitMs;
    this.#failed.set(resource.uid, { wish, count, dueMs });
    return count;
  }

  well({ uid }: Resource): void {
    this.#failed.delete(uid);
  }

  isDue(resource: Resource): boolean {
    const failed = this.#failed.get(resource.uid);
    if (failed === undefined || failed.wish !== wishOf(resource)) return true;
    return this.#clock.monotonicMs() >= failed.dueMs;
  }

  /** Forgets those that are gone. @returns how long until one is due; infinite where none waits. */
  nextInMs(present: readonly Resource[]): number {
    const uids = new Set(present.map(({ uid }) => uid));
    for (const uid of this.#failed.keys()) if (!uids.has(uid)) this.#failed.delete(uid);
    const dueMs = Math.min(...[...this.#failed.values()].map((failed) => failed.dueMs));
    return Math.max(0, dueMs - this.#clock.monotonicMs());
  }
}

const wishOf = ({ generation, ending, adopts }: Resource): string =>
  `${generation} ${ending} ${adopts}`;
