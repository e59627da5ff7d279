import { readdirSync, readFileSync } from 'node:fs';

/** Returns a process and all its descendants. Only on Linux; empty elsewhere. */
export function treeOf(rootPid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const pid of pids()) {
    const found = /^PPid:\s+(\d+)$/m.exec(readOf(pid, 'status') ?? '');
    if (found !== null) parents.set(pid, Number(found[1]));
  }
  const belongs = (pid: number): boolean => {
    for (let one: number | undefined = pid; one !== undefined; one = parents.get(one)) {
      if (one === rootPid) return true;
    }
    return false;
  };
  return [...parents.keys()].filter(belongs);
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Returns a file of a process, or undefined where it has none (any more). */
export function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
