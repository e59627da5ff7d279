import { readOf, treeOf } from './process-tree.ts';

/** What one process holds, in KiB. */
export interface ProcessMemory {
  readonly pid: number;
  readonly name: string;
  /** Pages in memory, shared ones in full. */
  readonly rssKib: number;
  /** Pages in memory, shared ones divided among those who share them. */
  readonly pssKib: number;
}

/** Reads what a process and all its descendants hold. Only on Linux; empty elsewhere. */
export function memoryOfTree(rootPid: number): readonly ProcessMemory[] {
  return treeOf(rootPid).flatMap((pid) => memoryOf(pid) ?? []);
}

function memoryOf(pid: number): ProcessMemory | undefined {
  const rollup = readOf(pid, 'smaps_rollup');
  if (rollup === undefined) return undefined;
  const kib = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0);
  return { pid, name: nameOf(pid), rssKib: kib('Rss'), pssKib: kib('Pss') };
}

/** Names a service by its folder, everything else by its program. */
function nameOf(pid: number): string {
  const command = (readOf(pid, 'cmdline') ?? '').split('\0');
  const service = command.map((part) => /services\/([a-z-]+)\/src/.exec(part)?.[1]);
  const found = service.find((name) => name !== undefined);
  if (found !== undefined) return found;
  if (command.some((part) => part.includes('apps/cli'))) return 'supervisor';
  const program = (command[0] ?? '').split(' ')[0] ?? '';
  return program.split('/').at(-1)?.replace(/:$/, '') ?? 'unknown';
}
