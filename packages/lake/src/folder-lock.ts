import { open, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '@capstan/domain';

const LOCK_FILE = 'writer.lock';

/** Locks that this process holds. One in its name that it does not hold is of a predecessor: in a container all have the same number. */
const held = new Set<string>();

/**
 * Runs `work` as the only writer of a folder. A lock whose process has ended is taken over.
 * @throws LAKE.BUSY naming the process that writes.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = resolve(join(folder, LOCK_FILE));
  if (held.has(path)) throw busy(path, process.pid);
  held.add(path);
  try {
    await take(path);
    return await work().finally(() => rm(path, { force: true }));
  } finally {
    held.delete(path);
  }
}

async function take(path: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const pid = Number(await readFile(path, 'utf8').catch(() => ''));
      if (pid !== process.pid && isRunning(pid)) throw busy(path, pid);
      await rm(path, { force: true });
    }
  }
  throw busy(path, 0);
}

/** Tells whether there is a process of a number on this machine, or in this container. */
export function isRunning(pid: number): boolean {
  if (!(Number.isInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function busy(path: string, pid: number): AppError {
  return new AppError({
    code: 'LAKE.BUSY',
    why: `${path}: process ${pid} writes this series.`,
    fix: 'Wait until it has ended, then run the command again.',
    retry: 'retryable',
  });
}
