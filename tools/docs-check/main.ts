import { join } from 'node:path';
import { listFiles } from '../source/list-files.ts';
import { checkPage } from './check-page.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = listFiles(root, ['']).filter((path) => path.endsWith('.md'));
const results = pages.map((page) => checkPage(root, page));
const problems = results.flatMap((result) => result.problems);
const looked = results.reduce((total, result) => total + result.looked, 0);
if (looked === 0) problems.push('no link and no path in any page: nothing to check');
for (const problem of problems) console.log(problem);
console.log(`docs: ${pages.length} pages, ${looked} links and paths`);
if (problems.length > 0) process.exitCode = 1;
