import { join } from 'node:path';
import { runCommand } from '../ci/run-command.ts';
import { listWorkspaces, readManifest } from '../source/workspaces.ts';
import { dependencyProblems } from './check-dependencies.ts';

const root = join(import.meta.dirname, '..', '..');
const all = [{ path: 'package.json', manifest: readManifest(root) }, ...listWorkspaces(root)];
const problems = dependencyProblems(all);
const { exitCode, output } = await runCommand('npm', ['ls', '--all', '--loglevel=error'], {
  cwd: root,
});
if (exitCode !== 0) {
  const lines = output.split('\n').filter((line) => /npm error|UNMET|invalid/.test(line));
  problems.push(`npm ls is not clean:\n${lines.join('\n')}`);
}
const install = await runCommand(
  'npm',
  ['ci', '--dry-run', '--ignore-scripts', '--loglevel=error'],
  {
    cwd: root,
  },
);
if (install.exitCode !== 0) {
  const lines = install.output.split('\n').filter((line) => /Missing|Invalid|EUSAGE/.test(line));
  problems.push(`package-lock.json does not fit the package.json files:\n${lines.join('\n')}`);
}
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
