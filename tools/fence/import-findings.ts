import { isBuiltin } from 'node:module';
import ts from 'typescript';
import type { Manifest } from '../source/workspaces.ts';
import type { Architecture } from './architecture.ts';
import type { Finding } from './finding.ts';
import { GlobalUses } from './global-uses.ts';
import { findingAt } from './source-rules.ts';
import type { Zone } from './zones.ts';

interface ImportPlace {
  readonly node: ts.Node;
  readonly specifier: string;
  readonly names: readonly string[];
}

function importPlaces(file: ts.SourceFile): ImportPlace[] {
  const places: ImportPlace[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const bindings = node.importClause?.namedBindings;
      const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
      const names = named.map((element) => (element.propertyName ?? element.name).text);
      places.push({ node, specifier: node.moduleSpecifier.text, names });
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      places.push({ node, specifier: node.moduleSpecifier.text, names: [] });
    } else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0] !== undefined &&
      ts.isStringLiteralLike(node.arguments[0])
    ) {
      places.push({ node, specifier: node.arguments[0].text, names: [] });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return places;
}

function packageName(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('#') || isBuiltin(specifier))
    return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** Finds imports of packages that the workspace's package.json does not declare. */
export function undeclaredFindings(
  file: ts.SourceFile,
  path: string,
  place: {
    readonly zone: Zone;
    readonly manifest: Manifest;
    readonly root: Manifest;
    scope: string;
  },
): Finding[] {
  const { manifest, root, zone, scope } = place;
  const declared = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.devDependencies ?? {}),
    ...Object.keys(manifest.optionalDependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
    ...(zone.test ? Object.keys(root.devDependencies ?? {}) : []),
  ]);
  return importPlaces(file).flatMap(({ node, specifier }) => {
    const name = packageName(specifier);
    if (name === undefined || declared.has(name)) return [];
    if (zone.test && name.startsWith(`${scope}/`)) return [];
    const message = `'${name}' is not in the package.json of ${manifest.name}`;
    return [findingAt(file, path, node, 'declared dependencies', message)];
  });
}

/** Finds exports that only the wiring of a service may import. */
export function wiringOnlyFindings(
  file: ts.SourceFile,
  path: string,
  architecture: Architecture,
): Finding[] {
  return importPlaces(file).flatMap(({ node, specifier, names }) => {
    const name = specifier.startsWith(`${architecture.scope}/`)
      ? specifier.slice(architecture.scope.length + 1)
      : '';
    const denied = architecture.wiringOnlyExports[name] ?? [];
    return names
      .filter((imported) => denied.includes(imported))
      .map((imported) =>
        findingAt(file, path, node, 'wiring only', `'${imported}' opens connections; wire.ts does`),
      );
  });
}

/** Finds reads of the process's environment. */
export function environmentFindings(
  file: ts.SourceFile,
  path: string,
  checker: ts.TypeChecker,
): Finding[] {
  const message = 'the environment is read in packages/runtime alone; take a configuration';
  const found = (node: ts.Node) => findingAt(file, path, node, 'environment', message);
  const imports = importPlaces(file)
    .filter(({ specifier }) => specifier === 'process' || specifier === 'node:process')
    .map(({ node }) => found(node));
  const uses = new GlobalUses(file, checker)
    .list()
    .filter(
      ({ node, name, member }) => name === 'process' && (member === 'env' || unpacksEnv(node)),
    )
    .map(({ node }) => found(node));
  return [...imports, ...uses];
}

function unpacksEnv(node: ts.Identifier): boolean {
  const { parent } = node;
  if (!ts.isVariableDeclaration(parent) || !ts.isObjectBindingPattern(parent.name)) return false;
  return parent.name.elements.some(
    (element) => (element.propertyName ?? element.name).getText() === 'env',
  );
}
