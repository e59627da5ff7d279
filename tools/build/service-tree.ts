import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readManifest } from '../source/workspaces.ts';
import { BuildError } from './build-tree.ts';
import { isKept } from './kept-files.ts';
import { type LockedPackages, productionClosure } from './production-closure.ts';

/** What of the built tree is read beside the workspaces' own files. */
const FURTHER: Readonly<Record<string, readonly string[]>> = {
  'apps/cli': ['config', 'prisma'],
};

/** Pages that a workspace serves, by workspace: built by a tool of their own, they are not in `dist/`. */
const PAGES: Readonly<Record<string, string>> = { 'services/gateway': 'apps/dashboard/dist' };

/** Where the entry point of every image is, whichever service it is of. */
export const ENTRY = 'service';

/** Lays out what one workspace needs in order to run, with a link to its entry point. @throws BuildError */
export function writeServiceTree(root: string, workspace: string, out: string): void {
  writeTree(root, [workspace], out);
  symlinkSync(workspace, join(out, ENTRY));
}

/**
 * Lays out what workspaces need in order to run, as the checkout is laid out: their code and that of the workspaces that they import, from
 * `dist/`, and npm packages without what only people and editors read.
 * @param out is made anew. @param further npm packages, by path. @throws BuildError when something is not built or not installed.
 */
export function writeTree(
  root: string,
  workspaces: readonly string[],
  out: string,
  further: readonly string[] = [],
): void {
  const built = join(root, 'dist');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const closure = unionOf(lockOf(root), [...workspaces, ...further]);
  for (const path of closure.workspaces) placeWorkspace(built, path, out);
  for (const [path, isNeeded] of closure.packages) {
    const source = join(root, path);
    if (existsSync(source)) copyPackage(source, nameOf(path), join(out, path));
    else if (isNeeded) throw new BuildError(`${path} is not installed: run 'npm ci'`);
  }
  for (const path of ['proto', 'LICENSE', ...workspaces.flatMap((one) => FURTHER[one] ?? [])]) {
    cpSync(join(built, path), join(out, path), { recursive: true });
  }
  for (const page of workspaces.flatMap((one) => PAGES[one] ?? [])) {
    placePage(join(root, page), join(out, page));
  }
}

function lockOf(root: string): LockedPackages {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  return (JSON.parse(text) as { readonly packages: LockedPackages }).packages;
}

/** Puts together what several workspaces and packages need; a package is needed where one of them cannot do without. */
function unionOf(locked: LockedPackages, paths: readonly string[]) {
  const closures = paths.map((path) => productionClosure(locked, path));
  const packages = new Map<string, boolean>();
  for (const { path, optional } of closures.flatMap((one) => one.packages)) {
    packages.set(path, packages.get(path) === true || !optional);
  }
  return { workspaces: new Set(closures.flatMap((one) => one.workspaces)), packages };
}

function placeWorkspace(built: string, path: string, out: string): void {
  const source = join(built, path);
  if (!existsSync(join(source, 'package.json'))) {
    throw new BuildError(`dist/${path} is not there: run 'npm run build'`);
  }
  const filter = (file: string): boolean => file === source || !/\.map$|\/node_modules$/.test(file);
  cpSync(source, join(out, path), { recursive: true, filter });
  const link = join(out, 'node_modules', readManifest(source).name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), join(out, path)), link);
}

function placePage(source: string, target: string): void {
  if (!existsSync(join(source, 'index.html'))) {
    throw new BuildError(`${source} is not there: run 'npm run build -w @capstan/dashboard'`);
  }
  cpSync(source, target, { recursive: true });
}

/** Copies a package without those below its own node_modules: they are listed by themselves. */
function copyPackage(source: string, name: string, target: string): void {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const file = relative(source, from);
    if (file.startsWith('node_modules/') || file.includes('/node_modules/')) continue;
    if (!isKept(name, file)) continue;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(from, join(target, file));
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
