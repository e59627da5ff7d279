import type { CommandResult } from '../ci/run-command.ts';
import type { Workspace } from '../source/workspaces.ts';
import { digestChanges, folderDigest } from './folder-digest.ts';

const FOLDERS = ['src/gen', 'src/generated'];

/**
 * Generates the code of every workspace that has a `generate` script, in place, and returns what was not as committed. A
 * generated folder without a script, or no script at all, is a problem too: the check would look at nothing.
 */
export async function checkGenerated(
  root: string,
  workspaces: readonly Workspace[],
  generate: (path: string) => Promise<CommandResult>,
): Promise<string[]> {
  const problems: string[] = [];
  let generated = 0;
  for (const { path, manifest } of workspaces) {
    const before = FOLDERS.map((folder) => folderDigest(root, `${path}/${folder}`));
    const found = before.some((files) => files.size > 0);
    if (manifest.scripts?.generate === undefined) {
      if (found) problems.push(`${path} has generated code and no 'generate' script`);
      continue;
    }
    generated += 1;
    const { exitCode, output } = await generate(path);
    if (exitCode !== 0) problems.push(`${path}: generate failed\n${output}`);
    const after = FOLDERS.map((folder) => folderDigest(root, `${path}/${folder}`));
    if (after.every((files) => files.size === 0)) problems.push(`${path} generated nothing`);
    before.forEach((files, index) => {
      problems.push(...digestChanges(files, after[index] ?? new Map()));
    });
  }
  if (generated === 0) problems.push("no workspace has a 'generate' script: nothing to check");
  return problems;
}
