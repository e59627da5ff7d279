import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findStack, gatewayOf } from './running-stack.ts';
import { processIdentity } from './supervisor/process-identity.ts';
import { writeRunRecord } from './supervisor/run-file.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'capstan-found-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function put(name: string, isAlive: boolean): string {
  const dataDir = join(base, name);
  mkdirSync(dataDir);
  const startTime = isAlive ? (processIdentity(process.pid)?.startTime ?? '') : 'long ago';
  writeRunRecord(dataDir, {
    version: 1,
    pid: process.pid,
    startTime,
    startedAtMs: 0,
    environment: 'dev',
    runId: name,
    supervisorUrl: '',
    shutdownToken: '',
    dashboardUrl: 'http://127.0.0.1:1',
    processes: [],
  });
  return dataDir;
}

test('finds the one that runs among those that do not', () => {
  put('dead', false);
  const dataDir = put('demo', true);
  expect(findStack(undefined, base)).toMatchObject({ dataDir, isAlive: true });
});

test('asks which, where several run, and takes the one that is named', () => {
  const dataDir = put('demo', true);
  put('paper', true);
  expect(() => findStack(undefined, base)).toThrow(
    expect.objectContaining({ code: 'CLI.USAGE', fix: 'Name one with --data-dir.' }),
  );
  expect(findStack(dataDir, base).record.runId).toBe('demo');
});

test('finds a lone dead one, whose gateway cannot be asked', () => {
  put('dead', false);
  const stack = findStack(undefined, base);
  expect(stack.isAlive).toBe(false);
  expect(() => gatewayOf(stack)).toThrow(expect.objectContaining({ code: 'CLI.NOT_RUNNING' }));
});

test('says so where there is none', () => {
  expect(() => findStack(undefined, base)).toThrow(/capstan up/);
  expect(() => findStack(undefined, join(base, 'nowhere'))).toThrow(/No stack runs/);
});
