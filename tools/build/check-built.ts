import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../ci/run-command.ts';
import { exportedFiles, listWorkspaces } from '../source/workspaces.ts';

/**
 * Loads every built package by its name in one plain Node, which refuses TypeScript, and returns what went wrong.
 * Nothing to load is wrong too.
 */
export async function checkBuilt(out: string): Promise<string[]> {
  const manifests = listWorkspaces(join(out, '..'))
    .filter(({ path, manifest }) => {
      const entry = exportedFiles(manifest)[0]?.replace(/\.ts$/, '.js');
      return entry !== undefined && existsSync(join(out, path, entry));
    })
    .map(({ manifest }) => manifest.name);
  if (manifests.length === 0) return ['no built package: nothing to check'];
  const script = join(out, 'load-all.mjs');
  const imports = manifests.map((name) => `import '${name}';\n`).join('');
  writeFileSync(script, `${imports}process.exit(0);\n`);
  const { exitCode, output } = await runCommand('node', ['--no-strip-types', script], { cwd: out });
  return exitCode === 0 ? [] : [output];
}
