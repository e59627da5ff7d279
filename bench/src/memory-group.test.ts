import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemoryGroup } from './memory-group.ts';

const MIB = 1024 ** 2;
/** Files of a group as the kernel shows them, of both versions: 300 MiB used, 40 of them inactive file pages. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v2: {
    'memory.max': 'max\n',
    'memory.current': `${300 * MIB}\n`,
    'memory.stat': `anon 1\nactive_file 5\ninactive_file ${40 * MIB}\n`,
    'memory.events': 'low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n',
  },
  v1: {
    'memory.limit_in_bytes': '9223372036854771712\n',
    'memory.usage_in_bytes': `${300 * MIB}\n`,
    'memory.stat': `inactive_file 1\ntotal_cache 9\ntotal_inactive_file ${40 * MIB}\n`,
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-group-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['v2', 'memory.max'],
  ['v1', 'memory.limit_in_bytes'],
])('reads and limits a group of version %s', (version, limit) => {
  const group = join(folder, version);
  mkdirSync(group);
  for (const [name, text] of Object.entries(FILES[version] ?? {})) {
    writeFileSync(join(group, name), text);
  }
  const one = new MemoryGroup(group);
  expect(one.workingSetMib()).toBe(260);
  expect(one.kills()).toBe(2);
  one.limit(512);
  expect(readFileSync(join(group, limit), 'utf8')).toBe(String(512 * MIB));
});

it('says of a folder that it is no group', () => {
  expect(() => new MemoryGroup(folder)).toThrow(/no group with a limit of memory/);
});

it('runs a program that has entered before it begins', () => {
  writeFileSync(join(folder, 'memory.max'), 'max');
  const [shell, ...args] = new MemoryGroup(folder).programOf(['/bin/prog', 'a b']);
  expect(shell).toBe('/bin/sh');
  expect(args.slice(2)).toEqual([join(folder, 'cgroup.procs'), '/bin/prog', 'a b']);
});
