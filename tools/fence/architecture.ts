import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What code of a plane may touch. */
export interface Plane {
  readonly what: string;
  /** Names of groups in `globals`. */
  readonly globalsDenied: readonly string[];
  readonly async: boolean;
  readonly moduleState: boolean;
  readonly importMeta: boolean;
  readonly nodeBuiltins: boolean;
  /** npm packages by name; `declared` means whatever its package.json declares. */
  readonly npm: readonly string[] | 'declared';
}

/** Where a unit of code stands: its plane, and which packages it may import. */
export interface Unit {
  readonly plane: string;
  /** Names of packages, or of a plane for all its packages. */
  readonly mayImport: readonly string[];
  readonly npm?: readonly string[];
  /** True where the unit only serves tests, and may import what they may. */
  readonly forTests?: boolean;
}

/** A role that some files of every service play. */
export interface FileRole extends Unit {
  /** Paths inside the service; one that ends in `/` is a folder. */
  readonly files: readonly string[];
}

/** The shape of `architecture.json`, the one statement of layers and of who may import whom. */
export interface Architecture {
  readonly scope: string;
  /** The checkers fail when they saw fewer modules: they were not looking. */
  readonly modulesMin: number;
  readonly linesMax: number;
  readonly fileNamesDenied: readonly string[];
  readonly testFiles: string;
  readonly generatedFolders: string;
  /** Global names by group; `Object.member` denies the member alone. */
  readonly globals: Readonly<Record<string, readonly string[]>>;
  readonly planes: Readonly<Record<string, Plane>>;
  readonly packages: Readonly<Record<string, Unit>>;
  readonly services: {
    readonly names: readonly string[];
    readonly logic: Unit;
    readonly config: FileRole;
    readonly wiring: FileRole;
    /** Further files of one service that stand in the wiring's place, by service. */
    readonly adapters?: Readonly<Record<string, readonly string[]>>;
  };
  readonly apps: Readonly<Record<string, Unit>>;
  readonly wholeSystem: readonly string[];
  readonly tests: { readonly mayImport: readonly string[] };
  readonly exclusive: Readonly<
    Record<string, { readonly npm: readonly string[]; readonly packages: readonly string[] }>
  >;
  readonly environmentOnlyIn: readonly string[];
  readonly generatedOnlyIn: readonly string[];
  readonly wiringOnlyExports: Readonly<Record<string, readonly string[]>>;
}

/** Reads `architecture.json` of a checkout and proves that its names refer to each other. */
export function loadArchitecture(root: string): Architecture {
  const text = readFileSync(join(root, 'architecture.json'), 'utf8');
  const architecture = JSON.parse(text) as Architecture;
  const problems = referenceProblems(architecture);
  if (problems.length > 0) throw new Error(`architecture.json: ${problems.join('; ')}`);
  return architecture;
}

/** Lists names in the statement that refer to nothing. */
export function referenceProblems(architecture: Architecture): string[] {
  const problems: string[] = [];
  const { packages, services, apps, planes, globals } = architecture;
  const units = [
    ...Object.entries(packages),
    ...Object.entries(apps),
    ['services.logic', services.logic] as const,
    ['services.config', services.config] as const,
    ['services.wiring', services.wiring] as const,
  ];
  for (const [name, unit] of units) {
    if (planes[unit.plane] === undefined) problems.push(`${name}: no plane '${unit.plane}'`);
    for (const target of unit.mayImport) {
      if (packages[target] === undefined && planes[target] === undefined) {
        problems.push(`${name}: no package or plane '${target}'`);
      }
    }
  }
  for (const [name, plane] of Object.entries(planes)) {
    for (const group of plane.globalsDenied) {
      if (globals[group] === undefined) problems.push(`${name}: no group of globals '${group}'`);
    }
  }
  return problems;
}

/** Spells out a list of packages and planes as packages. */
export function packagesOf(architecture: Architecture, names: readonly string[]): string[] {
  const all = names.flatMap((name) =>
    architecture.planes[name] === undefined
      ? [name]
      : Object.keys(architecture.packages).filter(
          (key) => architecture.packages[key]?.plane === name,
        ),
  );
  return [...new Set(all)].sort();
}

/** Returns a plane by name. */
export function planeOf(architecture: Architecture, name: string): Plane {
  const plane = architecture.planes[name];
  if (plane === undefined) throw new Error(`architecture.json: no plane '${name}'`);
  return plane;
}
