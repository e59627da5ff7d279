import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@capstan/domain';
import { isAlive } from './process-alive.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Runs `work` while holding a lock file. A lock whose owner has died is taken over. Two waiters may both take over a
 * stale lock in the same instant, so `work` must also be safe when run twice: the lock saves effort.
 * @throws EMBEDDED.LOCK_TIMEOUT when a live process holds it for longer than `timeoutMs`.
 */
export async function withFileLock<T>(
  path: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  if (!(await waitUntil(() => tryLock(path), timeoutMs, 50))) {
    const owner = await readFile(path, 'utf8').catch(() => '?');
    throw new AppError({
      code: 'EMBEDDED.LOCK_TIMEOUT',
      why: `Process ${owner} has held ${path} for more than ${Math.round(timeoutMs / 1000)} s.`,
      fix: 'Wait for it, or stop it and delete the file.',
      retry: 'retryable',
    });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    return false;
  }
}
