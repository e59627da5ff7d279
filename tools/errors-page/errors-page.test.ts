import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadErrorTables, tableProblems } from './error-rows.ts';
import { renderPage } from './render-page.ts';
import { codesIn } from './used-codes.ts';

const row = (code: string) => ({ code, meaning: 'a | b', fix: 'wait' });
const table = (workspace: string, ...codes: readonly string[]) => ({
  workspace,
  path: `${workspace}/src/error-codes.ts`,
  rows: codes.map(row),
});

test('renders rows sorted by code, with bars escaped', () => {
  const page = renderPage([table('packages/one', 'ONE.B', 'ONE.A')]);
  const lines = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(lines).toEqual(['| `ONE.A` | a \\| b | wait |', '| `ONE.B` | a \\| b | wait |']);
});

test('names a code that two tables give, and one without an area', () => {
  const problems = tableProblems([
    table('packages/one', 'ONE.A'),
    table('packages/two', 'ONE.A', 'Bad'),
  ]);
  expect(problems).toHaveLength(2);
  expect(tableProblems([])).toHaveLength(1);
});

test('finds the codes that a source writes down', () => {
  const source = `
    export const KNOWN = 'ONE.KNOWN';
    throw new AppError({ code: 'ONE.THROWN', why: 'Not.This' });
    const text = say('ONE.SPOKEN');
  `;
  expect(codesIn('a.ts', source).map(({ code }) => code)).toEqual(['ONE.KNOWN', 'ONE.THROWN']);
});

test('loads the tables of a checkout, and refuses a file without one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'errors-page-'));
  try {
    const folder = join(root, 'packages/one/src');
    mkdirSync(folder, { recursive: true });
    const rows = JSON.stringify([row('ONE.A')]);
    writeFileSync(join(folder, 'error-codes.ts'), `export const ONE_ERRORS = ${rows};\n`);
    const [loaded] = await loadErrorTables(root);
    expect(loaded?.rows).toEqual([row('ONE.A')]);
    mkdirSync(join(root, 'packages/two/src'), { recursive: true });
    writeFileSync(join(root, 'packages/two/src/error-codes.ts'), 'export const NOTHING = 1;\n');
    await expect(loadErrorTables(root)).rejects.toThrow(/must export/);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
