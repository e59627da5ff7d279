import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { differences, makeChartFiles } from './chart-files.ts';

/** Writes what of the chart follows from something else: the schema of its values, its README, copies. `--check` only looks. */
const root = join(import.meta.dirname, '..', '..');
const made = await makeChartFiles(root);
const problems = [...made.problems];
if (process.argv.includes('--check')) {
  const stale = differences(root, made);
  problems.push(...stale.map((path) => `${path} is out of date: run 'npm run chart'`));
} else {
  for (const folder of made.folders) rmSync(join(root, folder), { recursive: true, force: true });
  for (const { path, text } of made.files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
