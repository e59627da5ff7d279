/** What is read of an entry of package-lock.json. */
export interface LockedPackage {
  /** True for a workspace's link in node_modules; `resolved` is then the workspace's path. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** The packages of a package-lock.json, by path. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** What a workspace needs in order to run, as paths in the checkout, sorted. */
export interface Closure {
  /** The workspace itself and those that it imports. */
  readonly workspaces: readonly string[];
  /** npm packages; `optional` ones may be missing, as those of other systems are. */
  readonly packages: readonly { readonly path: string; readonly optional: boolean }[];
}

/** What packages name and load only in a program of their own, that nothing here runs. */
const NEVER_LOADED: Readonly<Record<string, readonly string[]>> = {
  // For its own command, which serves quotes to language models.
  'node_modules/yahoo-finance2': ['@modelcontextprotocol/sdk', 'fetch-mock-cache'],
};

/** A package-lock.json does not have what it says is needed. */
export class LockError extends Error {}

/**
 * Finds all that a workspace needs at run time: no development dependency, and of peers only those without which a package refuses to
 * work. npm itself installs the optional peers too where another workspace develops with them, such as Prisma's command.
 * @throws LockError naming the package that is needed and not there.
 */
export function productionClosure(locked: LockedPackages, workspace: string): Closure {
  const found = new Map<string, boolean>();
  const visit = (path: string, optional: boolean): void => {
    const seen = found.get(path);
    if (seen === false || seen === optional) return;
    found.set(path, optional);
    const entry = locked[path];
    if (entry === undefined) throw new LockError(`package-lock.json has no '${path}'`);
    for (const need of needsOf(path, entry)) {
      const at = locate(locked, path, need.name);
      if (at !== undefined) visit(at, optional || need.optional);
      else if (!need.optional) {
        throw new LockError(
          `'${path}' needs '${need.name}', which package-lock.json does not have`,
        );
      }
    }
  };
  visit(workspace, false);
  const paths = [...found.keys()].sort();
  const isPackage = (path: string): boolean => path.split('/').includes('node_modules');
  return {
    workspaces: paths.filter((path) => !isPackage(path)),
    packages: paths.filter(isPackage).map((path) => ({ path, optional: found.get(path) === true })),
  };
}

interface Need {
  readonly name: string;
  readonly optional: boolean;
}

function needsOf(path: string, entry: LockedPackage): readonly Need[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = entry;
  const peers = Object.keys(peerDependencies).filter(
    (name) => entry.peerDependenciesMeta?.[name]?.optional !== true,
  );
  const optional = new Set(Object.keys(optionalDependencies));
  const names = new Set([...Object.keys(dependencies), ...optional, ...peers]);
  for (const name of NEVER_LOADED[path] ?? []) names.delete(name);
  return [...names].map((name) => ({ name, optional: optional.has(name) }));
}

/** Looks for a package as Node does: in the folder's own node_modules, then in each folder's above. */
function locate(locked: LockedPackages, from: string, name: string): string | undefined {
  let folder = from;
  for (;;) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = locked[path];
    if (entry !== undefined) return entry.link === true ? entry.resolved : path;
    if (folder === '') return undefined;
    folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
  }
}
