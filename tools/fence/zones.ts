import { type Architecture, packagesOf, planeOf, type Unit } from './architecture.ts';

/** A part of the tree whose files obey the same rules. */
export interface Zone {
  readonly name: string;
  /** Regular expression for paths from the root; its first group is the workspace where several share a zone. */
  readonly path: string;
  /** Regular expressions for files inside `path` that belong to another zone. */
  readonly pathNot: readonly string[];
  readonly plane: string;
  /** Packages it may import besides itself; `undefined` means all of the workspace. */
  readonly mayImport: readonly string[] | undefined;
  /** npm packages it may import; `undefined` means those that its package.json declares. */
  readonly npm: readonly string[] | undefined;
  readonly test: boolean;
}

function npmOf(architecture: Architecture, unit: Unit): readonly string[] | undefined {
  const plane = planeOf(architecture, unit.plane);
  if (plane.npm === 'declared') return undefined;
  return [...plane.npm, ...(unit.npm ?? [])];
}

function escapePath(path: string): string {
  const escaped = path.replaceAll('.', String.raw`\.`);
  return path.endsWith('/') ? escaped : `${escaped}$`;
}

/** Lists the zones of a tree; each file is in the first whose expressions fit. */
export function zonesOf(architecture: Architecture): Zone[] {
  const tests = architecture.testFiles;
  const zones: Zone[] = [];
  const add = (name: string, path: string, pathNot: readonly string[], unit: Unit) => {
    const mayImport = packagesOf(architecture, unit.mayImport);
    zones.push({
      name,
      path,
      pathNot: [tests, ...pathNot],
      plane: unit.plane,
      mayImport,
      npm: npmOf(architecture, unit),
      test: unit.forTests ?? false,
    });
  };
  for (const [name, unit] of Object.entries(architecture.packages)) {
    add(`packages/${name}`, `^packages/${name}/src/`, [], unit);
    zones.push(testZone(architecture, `packages/${name}`, `^packages/${name}/`, unit));
  }
  const { logic, config, wiring, adapters = {} } = architecture.services;
  const own = Object.entries(adapters).flatMap(([service, files]) =>
    files.map((file) => `${service}/${escapePath(file)}`),
  );
  const wiringFiles = [
    ...wiring.files.map((file) => `([^/]+)/${escapePath(file)}`),
    ...own.map((file) => file.replace(/^([^/]+)/, '($1)')),
  ];
  const configFiles = config.files.map((file) => `([^/]+)/${escapePath(file)}`);
  wiringFiles.forEach((file, index) => {
    add(`services wiring ${index + 1}`, `^services/${file}`, [], wiring);
  });
  configFiles.forEach((file) => {
    add('services config', `^services/${file}`, [], config);
  });
  add(
    'services logic',
    '^services/([^/]+)/src/',
    [...wiringFiles, ...configFiles].map((file) => `^services/${file}`),
    logic,
  );
  zones.push(testZone(architecture, 'services', '^services/([^/]+)/', wiring));
  for (const [name, unit] of Object.entries(architecture.apps)) {
    add(`apps/${name}`, `^apps/${name}/src/`, [], unit);
    zones.push(testZone(architecture, `apps/${name}`, `^apps/${name}/`, unit));
  }
  for (const name of architecture.wholeSystem) {
    zones.push({
      name,
      path: `^${name}/src/`,
      pathNot: [],
      plane: 'adapter',
      mayImport: undefined,
      npm: undefined,
      test: true,
    });
  }
  return zones;
}

function testZone(architecture: Architecture, name: string, path: string, unit: Unit): Zone {
  const imports = [...unit.mayImport, ...architecture.tests.mayImport];
  return {
    name: `${name} tests`,
    path: `${path}.*${architecture.testFiles}`,
    pathNot: [],
    plane: 'adapter',
    mayImport: packagesOf(architecture, imports),
    npm: undefined,
    test: true,
  };
}

/** Finds the zone of a file; `undefined` for files outside the fence, such as configuration of tools. */
export function zoneOf(zones: readonly Zone[], path: string): Zone | undefined {
  return zones.find(
    (zone) =>
      new RegExp(zone.path).test(path) && !zone.pathNot.some((not) => new RegExp(not).test(path)),
  );
}
