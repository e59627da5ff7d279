import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadErrorTables, tableProblems } from './error-rows.ts';
import { renderPage } from './render-page.ts';
import { usedCodes } from './used-codes.ts';

const root = join(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'errors.md');
const tables = await loadErrorTables(root);
const text = renderPage(tables);
const problems = tableProblems(tables);
const known = new Set(tables.flatMap(({ rows }) => rows.map(({ code }) => code)));
for (const { path, line, code } of usedCodes(root)) {
  if (!known.has(code)) problems.push(`${path}:${line}: '${code}' is in no error-codes.ts`);
}
if (process.argv.includes('--check')) {
  const current = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (current !== text) problems.push("docs/errors.md is out of date: run 'npm run errors-page'");
} else {
  writeFileSync(page, text);
}
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
