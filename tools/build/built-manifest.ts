import type { Manifest } from '../source/workspaces.ts';

function builtPaths(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/(?<!\.d)\.ts$/, '.js');
  if (Array.isArray(value)) return value.map(builtPaths);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, builtPaths(one)]));
}

/** Returns a package.json whose exports, imports and commands lead to the built JavaScript. */
export function builtManifest(manifest: Manifest): Record<string, unknown> {
  const all: Record<string, unknown> = { ...manifest };
  const { scripts: _scripts, devDependencies: _devDependencies, ...kept } = all;
  for (const key of ['exports', 'imports', 'bin', 'main']) {
    if (kept[key] !== undefined) kept[key] = builtPaths(kept[key]);
  }
  return kept;
}
