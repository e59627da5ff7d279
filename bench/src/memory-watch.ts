import type { MemoryGroup } from './memory-group.ts';
import { readOf } from './process-tree.ts';

const KIB_A_MIB = 1_024;

/** Something whose memory is watched. */
export interface Watched {
  readonly name: string;
  readonly group: MemoryGroup;
  /** Its only process; `undefined` where it has several, which share memory. */
  readonly pid: number | undefined;
}

/** What one of them was seen to hold, in MiB. */
export interface Held {
  readonly name: string;
  /** The most of any look, and of its process by the kernel's own count. */
  readonly mostMib: number;
  /** By stretch: the middle of its looks. */
  readonly middleMib: ReadonlyMap<string, number>;
}

/**
 * Looks at what processes hold. That is the larger of two: what their group is charged with, and the pages in their memory. A page of a program is
 * charged to whoever read it first, and here all services run one Node; in a cluster each has an image of its own.
 */
export class MemoryWatch {
  readonly #watched: readonly Watched[];
  readonly #looks = new Map<string, Map<string, number[]>>();

  constructor(watched: readonly Watched[]) {
    this.#watched = watched;
  }

  /** Looks once. @param stretch of the day, which the look counts to. */
  look(stretch: string): void {
    for (const { name, group, pid } of this.#watched) {
      const mib = Math.max(group.workingSetMib(), statusMib(pid, 'VmRSS'));
      const stretches = this.#looks.get(name) ?? new Map<string, number[]>();
      this.#looks.set(name, stretches);
      stretches.set(stretch, [...(stretches.get(stretch) ?? []), mib]);
    }
  }

  /** Says what was seen; the processes must still run. */
  held(): readonly Held[] {
    return this.#watched.map(({ name, pid }) => {
      const stretches = this.#looks.get(name) ?? new Map<string, number[]>();
      const mostMib = Math.max(statusMib(pid, 'VmHWM'), ...[...stretches.values()].flat());
      const middles = [...stretches].map(([stretch, mibs]) => [stretch, middle(mibs)] as const);
      return { name, mostMib, middleMib: new Map(middles) };
    });
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function statusMib(pid: number | undefined, key: string): number {
  if (pid === undefined) return 0;
  const found = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(readOf(pid, 'status') ?? '');
  return Number(found?.[1] ?? 0) / KIB_A_MIB;
}
