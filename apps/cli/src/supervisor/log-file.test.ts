import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from './log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('appends, across openings, where only its user can read', () => {
  const path = join(folder, 'logs/risk.log');
  for (const line of ['one', 'two']) {
    const log = new LogFile(path);
    log.write(line);
    log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(path).mode & 0o077).toBe(0);
});

test('puts a full file aside and keeps the last three of them', () => {
  const path = join(folder, 'risk.log');
  const log = new LogFile(path, 10);
  for (const line of ['line-1', 'line-2', 'line-3', 'line-4', 'line-5']) log.write(line);
  log.close();
  const text = (suffix: string): string => readFileSync(`${path}${suffix}`, 'utf8').trim();
  expect([text(''), text('.1'), text('.2'), text('.3')]).toEqual([
    'line-5',
    'line-4',
    'line-3',
    'line-2',
  ]);
  expect(existsSync(`${path}.4`)).toBe(false);
});
