import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tools read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly exports?: unknown;
  readonly bin?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** Reads the package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Lists the workspaces that the root package.json names, sorted by path. */
export function listWorkspaces(root: string): Workspace[] {
  const patterns = readManifest(root).workspaces ?? [];
  const paths = patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    if (!existsSync(join(root, parent))) return [];
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return paths
    .filter((path) => existsSync(join(root, path, 'package.json')))
    .sort()
    .map((path) => ({ path, manifest: readManifest(join(root, path)) }));
}

/** Lists the files that a package.json exports, as paths inside the package. */
export function exportedFiles(manifest: Manifest): string[] {
  const files: string[] = [];
  const visit = (value: unknown) => {
    if (typeof value === 'string') files.push(value.replace(/^\.\//, ''));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(manifest.exports);
  return [...new Set(files)].sort();
}
