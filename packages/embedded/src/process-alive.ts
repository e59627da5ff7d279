import { readFile } from 'node:fs/promises';
import { PREDECESSOR_WAIT_MS } from './limits.ts';
import { commandOf } from './port-holder.ts';
import { waitUntil } from './wait-until.ts';

/** Tells whether a process with `pid` exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Reads a pid file's first line and tells whether that process still runs `program`. A pid that now belongs to
 * some other program is stale: pids are reused, most of all in containers.
 * @returns the live pid, or undefined when there is none.
 */
export async function livePid(pidFile: string, program: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]?.trim() ?? '');
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) {
    return undefined;
  }
  return (await commandOf(pid)).includes(program) ? pid : undefined;
}

/**
 * Waits a moment for the predecessor that a pid file names: one whose owner was killed is being stopped by its guard.
 * @returns the pid of a predecessor that stays, or undefined.
 */
export async function remainingPredecessor(
  pidFile: string,
  program: string,
): Promise<number | undefined> {
  let pid: number | undefined;
  await waitUntil(async () => {
    pid = await livePid(pidFile, program);
    return pid === undefined;
  }, PREDECESSOR_WAIT_MS);
  return pid;
}
