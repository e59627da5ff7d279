import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand } from '../ci/run-command.ts';
import { listFiles } from '../source/list-files.ts';
import { listWorkspaces, type Workspace } from '../source/workspaces.ts';
import { builtManifest } from './built-manifest.ts';

/** Folders beside the workspaces that run-time code reads: migrations and contracts. */
const SHARED_FOLDERS = ['config', 'prisma', 'proto'];
const LEFT_OUT = new Set(['packages/testkit', 'e2e', 'bench']);

/** The tree cannot be built as it is. */
export class BuildError extends Error {}

/** Copies what is no source of the compiler but is read at run time: migrations, schemas, tables, pages. */
function copyAssets(root: string, out: string, path: string): void {
  for (const file of listFiles(root, [path])) {
    if (/\.(ts|tsx|md)$|\/(package|tsconfig)\.json$/.test(file)) continue;
    mkdirSync(dirname(join(out, file)), { recursive: true });
    cpSync(join(root, file), join(out, file));
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(relative(dirname(path), target), path);
}

/** Makes one workspace a package of JavaScript that others find by its name. */
function placeWorkspace(root: string, out: string, { path, manifest }: Workspace): void {
  copyAssets(root, out, path);
  mkdirSync(join(out, path), { recursive: true });
  const text = `${JSON.stringify(builtManifest(manifest), null, 2)}\n`;
  writeFileSync(join(out, path, 'package.json'), text);
  link(join(out, path), join(out, 'node_modules', manifest.name));
  const nested = join(root, path, 'node_modules');
  if (existsSync(nested)) link(nested, join(out, path, 'node_modules'));
}

/**
 * Compiles every workspace that runs outside tests into `dist/`, laid out as the checkout is, so that plain Node runs it.
 * npm packages are still found in the checkout's node_modules, one folder up.
 * @throws BuildError when the compiler finds a fault, or nothing was built.
 */
export async function buildTree(root: string): Promise<{ workspaces: number; modules: number }> {
  const out = join(root, 'dist');
  rmSync(out, { recursive: true, force: true });
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const { exitCode, output } = await runCommand(compiler, ['-p', 'tsconfig.build.json'], {
    cwd: root,
  });
  if (exitCode !== 0) throw new BuildError(`tsc: ${output.trimEnd()}`);
  const workspaces = listWorkspaces(root).filter(({ path }) => !LEFT_OUT.has(path));
  for (const workspace of workspaces) placeWorkspace(root, out, workspace);
  for (const folder of SHARED_FOLDERS) copyAssets(root, out, folder);
  cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
  const modules = listFiles(out, ['packages', 'services', 'apps']).filter((file) =>
    file.endsWith('.js'),
  ).length;
  if (modules === 0) throw new BuildError('the compiler wrote nothing');
  return { workspaces: workspaces.length, modules };
}
