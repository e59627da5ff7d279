import { readOf, treeOf } from './process-tree.ts';

/** Ticks of `/proc/<pid>/stat`: Linux tells programs 100 a second on every machine. */
const TICK_MS = 10;

/**
 * Returns the milliseconds of processor time that a process and its descendants have used. Unlike a time by the clock it says the
 * same on a busy machine. Only on Linux; 0 elsewhere.
 */
export function cpuMsOfTree(rootPid: number): number {
  return treeOf(rootPid).reduce((sum, pid) => sum + cpuMsOf(pid), 0);
}

/** User and system time are the 12th and 13th field after the name, which may hold spaces and brackets itself. */
function cpuMsOf(pid: number): number {
  const stat = readOf(pid, 'stat');
  if (stat === undefined) return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
