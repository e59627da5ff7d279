import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a version of Linux' control groups keeps what is needed of them. */
interface Layout {
  readonly limit: string;
  readonly used: string;
  /** In `memory.stat`: file pages that nobody has read twice, which are given up first. */
  readonly inactive: RegExp;
  /** Holds how often a process was killed for lack of memory. */
  readonly kills: string;
}

const LAYOUTS: readonly Layout[] = [
  {
    limit: 'memory.max',
    used: 'memory.current',
    inactive: /^inactive_file (\d+)$/m,
    kills: 'memory.events',
  },
  {
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    inactive: /^total_inactive_file (\d+)$/m,
    kills: 'memory.oom_control',
  },
];
const KILLS = /^oom_kill (\d+)$/m;
/** Where the groups of a machine may be, and a file that is there only where memory is theirs. */
const HIERARCHIES = [
  { folder: '/sys/fs/cgroup', sign: 'cgroup.subtree_control' },
  { folder: '/sys/fs/cgroup/memory', sign: 'memory.limit_in_bytes' },
] as const;
/** Runs what follows inside the group whose list of processes it is given first. */
const ENTER = ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"'];
const MIB = 1024 ** 2;

/** A control group with a limit of memory, as a container has one. */
export class MemoryGroup {
  readonly #folder: string;
  readonly #layout: Layout;

  /** @param folder of the group. @throws Error where it has no files of a memory controller. */
  constructor(folder: string) {
    const layout = LAYOUTS.find(({ limit }) => existsSync(join(folder, limit)));
    if (layout === undefined) throw new Error(`${folder} is no group with a limit of memory`);
    this.#folder = folder;
    this.#layout = layout;
  }

  /** Sets the most that it may take. */
  limit(mib: number): void {
    writeFileSync(join(this.#folder, this.#layout.limit), String(mib * MIB));
  }

  /** Takes a process in; what it holds already stays where it was. */
  add(pid: number): void {
    writeFileSync(this.#processes, String(pid));
  }

  /** Returns a program that takes itself in before it begins: all that it ever holds is of the group, and it sees the limit. */
  programOf(program: readonly string[]): readonly string[] {
    return [...ENTER, this.#processes, ...program];
  }

  /** Returns what counts as in use, as Kubernetes counts: all but file pages that are given up first. */
  workingSetMib(): number {
    const used = Number(this.#read(this.#layout.used));
    return Math.max(0, used - numberIn(this.#read('memory.stat'), this.#layout.inactive)) / MIB;
  }

  /** Returns how often one of its processes was killed because there was no more. */
  kills(): number {
    return numberIn(this.#read(this.#layout.kills), KILLS);
  }

  get #processes(): string {
    return join(this.#folder, 'cgroup.procs');
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`no ${pattern.source} in:\n${text}`);
  return Number(found[1]);
}

/** Groups of this process' making, which end with it. */
export interface MemoryGroups {
  /** Makes a group. @param mib the most that it may take. */
  make(name: string, mib: number): MemoryGroup;
  /** Removes them; their processes must have ended. */
  close(): void;
}

/** Begins to make groups. @throws Error where that cannot be: elsewhere than on Linux, or without the right to. */
export function openMemoryGroups(): MemoryGroups {
  const hierarchy = HIERARCHIES.find(({ folder, sign }) => existsSync(join(folder, sign)));
  const parent = join(hierarchy?.folder ?? '', `capstan-bench-${process.pid}`);
  try {
    if (hierarchy === undefined) throw new Error('this system has no control groups of memory');
    mkdirSync(parent);
    const controllers = join(parent, 'cgroup.subtree_control');
    if (existsSync(controllers)) writeFileSync(controllers, '+memory');
  } catch (cause) {
    const fix = 'run it as root on Linux, outside of a container';
    throw new Error(`no control group of memory can be made: ${fix}`, { cause });
  }
  const folders: string[] = [];
  return {
    make: (name, mib) => {
      const folder = join(parent, name);
      mkdirSync(folder);
      folders.push(folder);
      const group = new MemoryGroup(folder);
      group.limit(mib);
      return group;
    },
    close: () => {
      for (const folder of [...folders, parent]) rmdirSync(folder);
    },
  };
}
