import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildDashboard, isStale } from './dashboard-build.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-page-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, atSeconds: number): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), '<p>');
  utimesSync(join(folder, path), atSeconds, atSeconds);
}

test('there is nothing to build without sources', async () => {
  expect(await buildDashboard(folder)).toEqual({ kind: 'absent' });
});

test('built pages are current until a source is newer', async () => {
  put('index.html', 100);
  put('src/deep/page.ts', 100);
  expect(isStale(folder)).toBe(true);
  put('dist/index.html', 200);
  expect(await buildDashboard(folder)).toEqual({ kind: 'current' });
  put('src/deep/page.ts', 300);
  expect(isStale(folder)).toBe(true);
});
