import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processIdentity } from './process-identity.ts';
import {
  claimDataDir,
  type RunRecord,
  readRunRecord,
  removeRunRecord,
  runFilePath,
  writeRunRecord,
} from './run-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function recordOf(pid: number, startTime: string): RunRecord {
  return {
    version: 1,
    pid,
    startTime,
    startedAtMs: 0,
    environment: 'test',
    runId: 'test',
    supervisorUrl: '',
    shutdownToken: 'secret',
    dashboardUrl: '',
    processes: [{ name: 'risk', pid: 1, startTime: 'x' }],
  };
}

const mine = (): RunRecord => recordOf(process.pid, processIdentity(process.pid)?.startTime ?? '');
const dead = (): RunRecord => recordOf(process.pid, 'long ago');

test('takes a directory that nobody has, and only its user can read the record', () => {
  const dataDir = join(folder, 'new');
  expect(claimDataDir(dataDir, mine())).toBeUndefined();
  expect(readRunRecord(dataDir)).toEqual(mine());
  expect(statSync(runFilePath(dataDir)).mode & 0o077).toBe(0);
  expect(readdirSync(dataDir)).toEqual(['run.json']);
});

test('refuses a directory whose supervisor lives, naming its process', () => {
  claimDataDir(folder, mine());
  const other = { ...mine(), pid: 1, startTime: 'other' };
  expect(() => claimDataDir(folder, other)).toThrow(
    expect.objectContaining({ code: 'CLI.RUNNING', details: { pid: process.pid } }),
  );
  expect(readRunRecord(folder)).toEqual(mine());
});

test('takes over from a dead supervisor and returns what it left', () => {
  claimDataDir(folder, dead());
  expect(claimDataDir(folder, mine())).toEqual(dead());
  expect(readRunRecord(folder)).toEqual(mine());
});

test('takes over from a record that cannot be read', () => {
  writeFileSync(runFilePath(folder), 'half a rec');
  expect(readRunRecord(folder)).toBeUndefined();
  expect(claimDataDir(folder, mine())).toBeUndefined();
  expect(readRunRecord(folder)).toEqual(mine());
});

test('replaces and removes a record', () => {
  writeRunRecord(folder, { ...mine(), dashboardUrl: 'http://127.0.0.1:1' });
  expect(readRunRecord(folder)?.dashboardUrl).toBe('http://127.0.0.1:1');
  removeRunRecord(folder);
  expect(existsSync(runFilePath(folder))).toBe(false);
});
