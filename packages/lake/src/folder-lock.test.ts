import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fs, { readdir } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { withFolderLock } from './folder-lock.ts';
import { temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('folder-lock');
const path = join(folder, 'writer.lock');
/** A time at which nobody who lives wrote last. */
const LONG_AGO = new Date(Date.now() - 600_000);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

const isBusy = { code: 'LAKE.BUSY' };

describe('a lock', () => {
  it('lets nobody else in, of this process or another, until its work is done or has failed', async () => {
    const inside = withFolderLock(folder, async () => {
      await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject(isBusy);
      throw new Error('no disk');
    });
    await expect(inside).rejects.toThrow('no disk');
    expect(await readdir(folder)).toEqual([]);
    for (const text of [`${process.ppid}`, `${process.ppid} ${hostname()} an-id`]) {
      writeFileSync(path, text);
      utimesSync(path, LONG_AGO, LONG_AGO);
      await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject(isBusy);
      expect(existsSync(path)).toBe(true);
    }
  });

  it.each([
    ['whose process has ended', `999999999 ${hostname()} an-id`],
    ['of a version that named no machine', '999999999'],
    ['of a predecessor of the same number', `${process.pid} ${hostname()} an-id`],
  ])('%s is taken over', async (_of, text) => {
    writeFileSync(path, text);
    expect(await withFolderLock(folder, async () => 7)).toBe(7);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['of another machine', '999999999 elsewhere an-id'],
    ['that does not say yet whose it is', ''],
  ])('%s is taken over only where nobody has written it for long', async (_of, text) => {
    writeFileSync(path, text);
    const taken = () => withFolderLock(folder, async () => readFileSync(path, 'utf8'));
    await expect(taken()).rejects.toMatchObject(isBusy);
    expect(readFileSync(path, 'utf8')).toBe(text);
    utimesSync(path, LONG_AGO, LONG_AGO);
    expect(await taken()).toContain(`${process.pid} ${hostname()} `);
  });

  it('names process and machine', async () => {
    writeFileSync(path, '12 elsewhere an-id');
    await expect(withFolderLock(folder, async () => 0)).rejects.toThrow('process 12 of elsewhere');
  });

  it('is written again as long as its work lasts', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await withFolderLock(folder, async () => {
      const before = readFileSync(path, 'utf8');
      utimesSync(path, LONG_AGO, LONG_AGO);
      await vi.advanceTimersByTimeAsync(10_000);
      await vi.waitFor(() => expect(statSync(path).mtimeMs).toBeGreaterThan(LONG_AGO.getTime()));
      expect(readFileSync(path, 'utf8')).toBe(before);
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that another has taken over meanwhile stays', async () => {
    const other = '1 elsewhere its-id';
    await withFolderLock(folder, async () => {
      rmSync(path);
      writeFileSync(path, other);
    });
    expect(readFileSync(path, 'utf8')).toBe(other);
  });

  it('that is dead is removed by one at a time, and never the one that came after it', async () => {
    writeFileSync(path, `999999999 ${hostname()} an-id`);
    // Another is about to remove the dead one.
    writeFileSync(`${path}-an-id`, `${process.ppid} ${hostname()} its-id`);
    await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject(isBusy);
    expect(existsSync(path)).toBe(true);
    // It did, and has the lock itself, after the dead one was seen.
    writeFileSync(`${path}-an-id`, `999999999 ${hostname()} its-id`);
    const successor = `${process.ppid} ${hostname()} new-id`;
    const { link } = fs;
    vi.spyOn(fs, 'link').mockImplementation((from, to) => {
      if (to === `${path}-an-id`) writeFileSync(path, successor);
      return link(from, to);
    });
    syncBuiltinESMExports();
    await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject(isBusy);
    expect(readFileSync(path, 'utf8')).toBe(successor);
  });

  it('holds too on a volume without hard links', async () => {
    const refused = Object.assign(new Error('not supported'), { code: 'ENOTSUP' });
    vi.spyOn(fs, 'link').mockRejectedValue(refused);
    syncBuiltinESMExports();
    await withFolderLock(folder, async () => {
      expect(readFileSync(path, 'utf8')).toContain(`${process.pid} ${hostname()} `);
      expect(await readdir(folder)).toEqual(['writer.lock']);
    });
    writeFileSync(path, `${process.ppid} ${hostname()} an-id`);
    await expect(withFolderLock(folder, async () => 0)).rejects.toMatchObject(isBusy);
  });
});
