import type { IForbiddenRuleType } from 'dependency-cruiser';
import { exportedFiles, type Workspace } from '../source/workspaces.ts';
import { type Architecture, planeOf } from './architecture.ts';
import { type Zone, zonesOf } from './zones.ts';

const WORKSPACES = '^(packages|services|apps|e2e|bench|tools)/';

function alternatives(values: readonly string[]): string {
  return values.map((value) => value.replaceAll('.', String.raw`\.`)).join('|');
}

function npmPath(names: readonly string[]): string {
  return `(^|/)node_modules/(${alternatives(names)})/`;
}

function ownPath(zone: Zone): string {
  const shared = zone.path.startsWith('^services/');
  return shared ? 'services/$1' : zone.name.replace(/ tests$/, '');
}

function zoneRules(architecture: Architecture, zone: Zone): IForbiddenRuleType[] {
  const from = { path: zone.path, pathNot: [...zone.pathNot] };
  const rules: IForbiddenRuleType[] = [];
  if (zone.mayImport !== undefined) {
    const allowed = [ownPath(zone), ...zone.mayImport.map((name) => `packages/${name}`)];
    rules.push({
      name: `${zone.name}: layers`,
      comment: `${zone.name} may import only: ${zone.mayImport.join(', ') || 'nothing'}`,
      severity: 'error',
      from,
      to: { path: WORKSPACES, pathNot: `^(${alternatives(allowed)})/` },
    });
  }
  if (zone.npm !== undefined) {
    rules.push({
      name: `${zone.name}: npm`,
      comment: `${zone.name} may import from npm only: ${zone.npm.join(', ') || 'nothing'}`,
      severity: 'error',
      from,
      to: {
        path: '(^|/)node_modules/',
        ...(zone.npm.length > 0 ? { pathNot: npmPath(zone.npm) } : {}),
      },
    });
  }
  if (!planeOf(architecture, zone.plane).nodeBuiltins) {
    rules.push({
      name: `${zone.name}: node built-ins`,
      comment: `${zone.name} stands in the ${zone.plane} plane, which touches no Node built-in`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'] },
    });
  }
  return rules;
}

function exclusiveRules(architecture: Architecture): IForbiddenRuleType[] {
  return Object.entries(architecture.exclusive).map(([name, { npm, packages }]) => ({
    name,
    comment: `only ${packages.join(', ')} may import ${npm.join(', ')}`,
    severity: 'error',
    from: { path: WORKSPACES, pathNot: `^packages/(${alternatives(packages)})/` },
    to: { path: npmPath(npm) },
  }));
}

function entryPoints(workspaces: readonly Workspace[]): string {
  const files = workspaces.flatMap(({ path, manifest }) =>
    exportedFiles(manifest).map((file) => `${path}/${file}`),
  );
  return `^(${alternatives(files)})$`;
}

function treeRules(
  architecture: Architecture,
  workspaces: readonly Workspace[],
): IForbiddenRuleType[] {
  const owners = architecture.generatedOnlyIn.map((name) => `packages/${name}/`);
  return [
    {
      name: 'entry points',
      comment: 'a package is entered through the files that its package.json exports',
      severity: 'error',
      from: { path: '^(packages|services|apps)/([^/]+)/' },
      to: {
        path: '^(packages|services|apps)/[^/]+/',
        pathNot: ['^$1/$2/', entryPoints(workspaces)],
      },
    },
    {
      name: 'venues apart',
      comment: 'one vendor folder never imports another; all may import what they share',
      severity: 'error',
      from: { path: '^packages/venues/src/([^/]+)/' },
      to: {
        path: '^packages/venues/src/[^/]+/',
        pathNot: ['^packages/venues/src/$1/', '^packages/venues/src/(acceptance|market|requests)/'],
      },
    },
    {
      name: 'generated code',
      comment: `generated code is imported only inside ${owners.join(', ')}`,
      severity: 'error',
      from: { path: WORKSPACES, pathNot: `^(${alternatives(owners)})` },
      to: { path: architecture.generatedFolders },
    },
    {
      name: 'tests apart',
      comment: 'nothing but tests imports a test or its support',
      severity: 'error',
      from: { path: '^(packages|services|apps)/', pathNot: architecture.testFiles },
      to: { path: `^(packages|services|apps)/.*${architecture.testFiles}` },
    },
    {
      name: 'no cycles',
      comment: 'files that import each other in a circle have no order to be read in',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'an import must lead to a file',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ];
}

/** Generates dependency-cruiser's rules from the architecture. */
export function importRules(
  architecture: Architecture,
  workspaces: readonly Workspace[],
): IForbiddenRuleType[] {
  return [
    ...zonesOf(architecture).flatMap((zone) => zoneRules(architecture, zone)),
    ...exclusiveRules(architecture),
    ...treeRules(architecture, workspaces),
  ];
}
