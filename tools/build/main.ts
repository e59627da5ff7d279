import { join } from 'node:path';
import { BuildError, buildTree } from './build-tree.ts';
import { checkBuilt } from './check-built.ts';

const root = join(import.meta.dirname, '..', '..');

async function run(): Promise<string[]> {
  const { workspaces, modules } = await buildTree(root);
  console.log(`built ${modules} modules of ${workspaces} workspaces into dist/`);
  return process.argv.includes('--check') ? checkBuilt(join(root, 'dist')) : [];
}

const problems = await run().catch((error: unknown) => {
  if (error instanceof BuildError) return [error.message];
  throw error;
});
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
