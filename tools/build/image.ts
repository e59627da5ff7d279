import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkServiceTree } from './check-service-tree.ts';
import { refuse, reported } from './report.ts';
import { writeRuntimeRoot } from './runtime-root.ts';
import { writeServiceTree } from './service-tree.ts';

const USAGE = 'usage: node tools/build/image.ts <service, or cli> <folder>';
const root = join(import.meta.dirname, '..', '..');

/** Lays out the root file system of an image: the service in /app, and what Node needs. */
function run([name = '', folder]: readonly string[]): number | Promise<number> {
  const workspace = name === 'cli' ? 'apps/cli' : `services/${name}`;
  if (folder === undefined || name === '') return refuse(USAGE, 2);
  if (!existsSync(join(root, workspace, 'package.json'))) {
    return refuse(`there is no service '${name}'\n${USAGE}`, 2);
  }
  const out = resolve(folder);
  const tree = join(out, 'app');
  return reported(async () => {
    writeServiceTree(root, workspace, tree);
    await writeRuntimeRoot(out, tree);
    await checkServiceTree(tree);
    return `${name}: laid out in ${out}`;
  });
}

process.exitCode = await run(process.argv.slice(2));
