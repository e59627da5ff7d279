import { join } from 'node:path';
import { runCommand } from '../ci/run-command.ts';
import { listWorkspaces } from '../source/workspaces.ts';
import { checkGenerated } from './check-generated.ts';

const root = join(import.meta.dirname, '..', '..');
const problems = await checkGenerated(root, listWorkspaces(root), (path) =>
  runCommand('npm', ['run', '--silent', 'generate'], { cwd: join(root, path) }),
);
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
