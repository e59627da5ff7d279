import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';

const LOCK_FILE = 'writer.lock';

/**
 * Runs `work` as the only writer of a folder. A lock whose process has ended is taken over.
 * @throws LAKE.BUSY naming the process that writes.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_FILE);
  await take(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
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
      if (isRunning(pid)) throw busy(path, pid);
      await rm(path, { force: true });
    }
  }
  throw busy(path, 0);
}

function isRunning(pid: number): boolean {
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
