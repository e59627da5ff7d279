import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFileLock } from './file-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('lets one work at a time and frees the lock when the work fails', async () => {
  const path = join(folder, 'deep/lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    expect(await readFile(path, 'utf8')).toBe(String(process.pid));
    inside -= 1;
    throw new Error('failed');
  };
  const results = await Promise.allSettled([1, 2, 3].map(() => withFileLock(path, 5_000, work)));
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(most).toBe(1);
  expect(await withFileLock(path, 5_000, () => Promise.resolve('free'))).toBe('free');
});

test('gives up on a lock that a live process keeps', async () => {
  const path = join(folder, 'lock');
  await writeFile(path, String(process.ppid));
  await expect(withFileLock(path, 60, () => Promise.resolve())).rejects.toMatchObject({
    code: 'EMBEDDED.LOCK_TIMEOUT',
    why: expect.stringContaining(`Process ${process.ppid} has held ${path}`),
  });
});
