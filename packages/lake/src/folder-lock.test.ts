import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFolderLock } from './folder-lock.ts';
import { temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('folder-lock');
const path = join(folder, 'writer.lock');

describe('a lock', () => {
  it('lets nobody else in, of this process or another, until its work is done or has failed', async () => {
    const inside = withFolderLock(folder, async () => {
      await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject({
        code: 'LAKE.BUSY',
      });
      throw new Error('no disk');
    });
    await expect(inside).rejects.toThrow('no disk');
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, String(process.ppid));
    await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject({
      code: 'LAKE.BUSY',
    });
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    ['whose process has ended', '999999999'],
    ['that was being taken', ''],
    ['of a predecessor of the same number', String(process.pid)],
  ])('%s is taken over', async (_of, text) => {
    writeFileSync(path, text);
    expect(await withFolderLock(folder, async () => 7)).toBe(7);
    expect(existsSync(path)).toBe(false);
  });
});
