import type { Manifest, Workspace } from '../source/workspaces.ts';

const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/;

function declared(manifest: Manifest): [string, string][] {
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = manifest;
  return [dependencies, devDependencies, optionalDependencies].flatMap((one) =>
    Object.entries(one),
  );
}

/**
 * Returns what is wrong with the dependencies that the package.json files name: versions that are not exact, and packages that
 * two workspaces want in two versions.
 */
export function dependencyProblems(all: readonly Workspace[]): string[] {
  const problems: string[] = [];
  const versions = new Map<string, Map<string, string[]>>();
  for (const { path, manifest } of all) {
    for (const [name, version] of declared(manifest)) {
      if (!EXACT.test(version)) problems.push(`${path}: '${name}' is '${version}', not exact`);
      const users = versions.get(name) ?? new Map<string, string[]>();
      users.set(version, [...(users.get(version) ?? []), path]);
      versions.set(name, users);
    }
  }
  for (const [name, users] of versions) {
    if (users.size < 2) continue;
    const list = [...users].map(([version, paths]) => `${version} in ${paths.join(', ')}`);
    problems.push(`'${name}' has ${users.size} versions: ${list.join('; ')}`);
  }
  if (versions.size === 0) problems.push('no dependency declared: nothing to check');
  return problems;
}
