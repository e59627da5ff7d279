import ts from 'typescript';
import type { Architecture, Plane } from './architecture.ts';
import type { Finding } from './finding.ts';
import { GlobalUses } from './global-uses.ts';
import { moduleStateFindings } from './module-state.ts';

/** What a rule sees of one file. */
export interface SourceContext {
  readonly file: ts.SourceFile;
  readonly path: string;
  readonly checker: ts.TypeChecker;
  readonly architecture: Architecture;
  readonly plane: Plane;
}

/** Builds a finding at a node. */
export function findingAt(
  file: ts.SourceFile,
  path: string,
  node: ts.Node,
  rule: string,
  message: string,
): Finding {
  const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  return { rule, path, line, message };
}

function deniedGlobals({ architecture, plane }: SourceContext): Map<string, string> {
  const denied = new Map<string, string>();
  for (const group of plane.globalsDenied) {
    for (const name of architecture.globals[group] ?? []) denied.set(name, group);
  }
  return denied;
}

/** Finds uses of globals that the plane denies. */
export function globalFindings(context: SourceContext): Finding[] {
  const denied = deniedGlobals(context);
  if (denied.size === 0) return [];
  const uses = new GlobalUses(context.file, context.checker).list();
  return uses.flatMap(({ node, name, member }) => {
    const full = [name, member ?? hiddenMember(denied, name)].join('.');
    const group = denied.get(name) ?? denied.get(full);
    if (group === undefined) return [];
    const what = denied.has(name) ? name : full;
    const message = `'${what}' is denied to the ${planeName(context)} plane`;
    return [findingAt(context.file, context.path, node, `globals: ${group}`, message)];
  });
}

/** Names the denied member that a bare use of its object could hide, as in `const { random } = Math`. */
function hiddenMember(denied: ReadonlyMap<string, string>, name: string): string | undefined {
  const full = [...denied.keys()].find((key) => key.startsWith(`${name}.`));
  return full?.slice(name.length + 1);
}

function planeName({ architecture, plane }: SourceContext): string {
  return Object.entries(architecture.planes).find(([, one]) => one === plane)?.[0] ?? 'this';
}

function isAsyncNode(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return true;
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
}

/** Finds waiting where the plane waits for nothing: async, await, for await, dynamic import and Promise. */
export function asyncFindings(context: SourceContext): Finding[] {
  if (context.plane.async) return [];
  const findings: Finding[] = [];
  const add = (node: ts.Node, what: string) =>
    findings.push(
      findingAt(context.file, context.path, node, 'async', `${what} in a plane that never waits`),
    );
  const visit = (node: ts.Node) => {
    if (isAsyncNode(node)) add(node, 'async code');
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, 'a dynamic import');
    }
    ts.forEachChild(node, visit);
  };
  visit(context.file);
  for (const { node, name } of new GlobalUses(context.file, context.checker).list()) {
    if (name === 'Promise') add(node, 'a Promise');
  }
  return findings;
}

/** Finds `import.meta`, which tells a module where it runs. */
export function importMetaFindings(context: SourceContext): Finding[] {
  if (context.plane.importMeta) return [];
  const findings: Finding[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      findings.push(
        findingAt(context.file, context.path, node, 'import.meta', 'tells where the code runs'),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(context.file);
  return findings;
}

/** Finds state that outlives a call outside any object that a caller holds. */
export function stateFindings(context: SourceContext): Finding[] {
  if (context.plane.moduleState) return [];
  return moduleStateFindings(context.file).map(({ node, why }) =>
    findingAt(context.file, context.path, node, 'module state', why),
  );
}
