import { readFileSync } from 'node:fs';
import fs, { readdir } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { writeBarPart } from './bar-parts.ts';
import { replaceFile } from './replace-file.ts';
import { minuteBars, temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('replace-file');
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

it.each([
  ['text', (path: string) => replaceFile(path, 'new')],
  ['a part of bars', (path: string) => writeBarPart(path, minuteBars(3))],
])('brings %s to the disk before it has its name', async (_of, write) => {
  const done: string[] = [];
  const { open, rename } = fs;
  vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
    const file = await open(...args);
    const sync = file.sync.bind(file);
    file.sync = async () => {
      await sync();
      done.push(`${args[0]} is on the disk`);
    };
    return file;
  });
  vi.spyOn(fs, 'rename').mockImplementation((from, to) => {
    done.push(`${from} is ${to}`);
    return rename(from, to);
  });
  syncBuiltinESMExports();
  const path = join(folder, 'some');
  await write(path);
  const temporary = done[0]?.split(' ')[0] ?? '';
  expect(temporary).toContain('.tmp');
  expect(done).toEqual([`${temporary} is on the disk`, `${temporary} is ${path}`]);
  expect(await readdir(folder)).toEqual(['some']);
});

it('leaves what was there, and nothing beside it, where it fails', async () => {
  const path = join(folder, 'kept');
  await replaceFile(path, 'old');
  vi.spyOn(fs, 'rename').mockRejectedValueOnce(new Error('no'));
  syncBuiltinESMExports();
  await expect(replaceFile(path, 'new')).rejects.toThrow('no');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
