import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { listFiles } from '../source/list-files.ts';
import { listWorkspaces } from '../source/workspaces.ts';
import type { Architecture } from './architecture.ts';
import type { Finding } from './finding.ts';
import { importRules } from './import-rules.ts';

/** Lists the TypeScript files that stand behind the fence. */
export function fencedFiles(root: string, architecture: Architecture): string[] {
  const folders = ['packages', 'services', 'apps', ...architecture.wholeSystem];
  return listFiles(root, folders).filter(
    (path) => /\/src\/.*\.tsx?$/.test(path) && !path.endsWith('.d.ts'),
  );
}

/**
 * Cruises the tree and returns what breaks the rules of who may import whom.
 * @throws Error when the cruise did not see the files, as happens with a TypeScript that dependency-cruiser cannot drive.
 */
export async function checkImports(
  root: string,
  architecture: Architecture,
): Promise<{ findings: Finding[]; modules: number }> {
  const files = fencedFiles(root, architecture);
  const { output } = await cruise(
    files,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: importRules(architecture, listWorkspaces(root)) },
      tsPreCompilationDeps: true,
      combinedDependencies: true,
      doNotFollow: { path: 'node_modules' },
    },
    {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.d.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.node'],
    },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser gave text, not a result');
  assertLooked(output, files, architecture.modulesMin);
  const findings = output.summary.violations.map((violation) => ({
    rule: violation.rule.name,
    path: violation.from,
    message: `imports ${violation.to}: ${comment(output, violation.rule.name)}`,
  }));
  return { findings, modules: files.length };
}

function comment(result: ICruiseResult, rule: string): string {
  const found = result.summary.ruleSetUsed?.forbidden?.find(({ name }) => name === rule);
  return found?.comment ?? rule;
}

function assertLooked(result: ICruiseResult, files: readonly string[], modulesMin: number): void {
  const cruised = new Map(result.modules.map((module) => [module.source, module]));
  const missed = files.filter((path) => !cruised.has(path));
  if (missed.length > 0) {
    throw new Error(`${missed.length} modules were not cruised, such as ${missed[0]}`);
  }
  if (files.length < modulesMin) {
    throw new Error(`only ${files.length} modules to cruise; architecture.json asks ${modulesMin}`);
  }
  const edges = files.flatMap((path) => cruised.get(path)?.dependencies ?? []);
  if (edges.length < files.length / 4) {
    throw new Error(`only ${edges.length} imports seen in ${files.length} modules`);
  }
}
