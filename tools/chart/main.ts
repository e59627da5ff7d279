import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { differences, makeChartFiles } from './chart-files.ts';

/** Writes what of the chart follows from something else: the schema of its values, its README, copies. `--check` only looks. */
const root = join(import.meta.dirname, '..', '..');
const made = await makeChartFiles(root);
const problems = [...made.problems];
const stale = differences(root, made);
if (process.argv.includes('--check')) {
  problems.push(...stale.map((path) => `${path} is out of date: run 'npm run chart'`));
} else {
  const texts = new Map(made.files.map(({ path, text }) => [path, text]));
  for (const path of stale) {
    const text = texts.get(path);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (text === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), text);
  }
}
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
