import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDebianProgram } from './debian-program.ts';

const TOOL = { packages: ['tools', 'more'], path: 'usr/bin/tool' };

let folder: string;
let fetches: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-debian-'));
  fetches = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fetchOf = (path: string) => async (draft: string) => {
  fetches += 1;
  await mkdir(dirname(join(draft, path)), { recursive: true });
  await writeFile(join(draft, path), '');
};

test('fetches a program once, also when several want it at the same time', async () => {
  const find = () => findDebianProgram(TOOL, fetchOf(TOOL.path), folder);
  const found = await Promise.all([find(), find(), find()]);
  expect(new Set(found)).toEqual(new Set([join(folder, 'tools+more/usr/bin/tool')]));
  expect(await find()).toBe(found[0]);
  expect(fetches).toBe(1);
  expect(await readdir(folder)).toEqual(['tools+more']);
});

test('says why it could not be fetched, and what to do', async () => {
  const away = () =>
    Promise.reject(Object.assign(new Error('exit 3'), { stderr: 'no apt here\n' }));
  await expect(findDebianProgram(TOOL, away, folder)).rejects.toMatchObject({
    code: 'EMBEDDED.PROGRAM_MISSING',
    why: 'tools, more could not be fetched: no apt here.',
    fix: expect.stringContaining('Debian'),
  });
  expect(await readdir(folder)).toEqual([]);
  const other = findDebianProgram(TOOL, fetchOf('usr/bin/other'), folder);
  await expect(other).rejects.toThrow('no usr/bin/tool in it');
});
