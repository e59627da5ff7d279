import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemoryGroup } from './memory-group.ts';
import { MemoryWatch } from './memory-watch.ts';

const MIB = 1024 ** 2;
let folder: string;
const use = (mib: number) => writeFileSync(join(folder, 'memory.current'), String(mib * MIB));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-watch-'));
  writeFileSync(join(folder, 'memory.max'), 'max');
  writeFileSync(join(folder, 'memory.stat'), `inactive_file ${10 * MIB}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('tells the most that was held, and the middle of each stretch', () => {
  const watch = new MemoryWatch([{ name: 'one', group: new MemoryGroup(folder), pid: undefined }]);
  for (const [stretch, mib] of [
    ['early', 110],
    ['early', 410],
    ['early', 130],
    ['late', 210],
  ] as const) {
    use(mib);
    watch.look(stretch);
  }
  const [held] = watch.held();
  expect(held?.mostMib).toBe(400);
  expect(Object.fromEntries(held?.middleMib ?? [])).toEqual({ early: 120, late: 200 });
});

it.runIf(process.platform === 'linux')(
  'counts all pages of a process, whoever they are charged to',
  () => {
    use(11);
    const group = new MemoryGroup(folder);
    const watch = new MemoryWatch([{ name: 'one', group, pid: process.pid }]);
    watch.look('now');
    expect(watch.held()[0]?.middleMib.get('now')).toBeGreaterThan(20);
  },
);
