import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BuildError } from './build-tree.ts';
import { checkServiceTree } from './check-service-tree.ts';
import { LockError } from './production-closure.ts';
import { writeRuntimeRoot } from './runtime-root.ts';
import { writeServiceTree } from './service-tree.ts';

const USAGE = 'usage: node tools/build/image.ts <service, or cli> <folder>';
const root = join(import.meta.dirname, '..', '..');

/** Lays out the root file system of an image: the service in /app, and what Node needs. */
async function run([name = '', folder]: readonly string[]): Promise<number> {
  const workspace = name === 'cli' ? 'apps/cli' : `services/${name}`;
  if (folder === undefined || name === '') return fail(USAGE, 2);
  if (!existsSync(join(root, workspace, 'package.json'))) {
    return fail(`there is no service '${name}'\n${USAGE}`, 2);
  }
  const out = resolve(folder);
  const tree = join(out, 'app');
  try {
    writeServiceTree(root, workspace, tree);
    await writeRuntimeRoot(out, tree);
    await checkServiceTree(tree);
    console.log(`${name}: laid out in ${out}`);
    return 0;
  } catch (error) {
    if (!(error instanceof BuildError || error instanceof LockError)) throw error;
    return fail(error.message, 1);
  }
}

function fail(text: string, code: number): number {
  console.error(text);
  return code;
}

process.exitCode = await run(process.argv.slice(2));
