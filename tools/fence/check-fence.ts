import { loadArchitecture } from './architecture.ts';
import { checkImports } from './check-imports.ts';
import { checkSource } from './check-source.ts';
import type { Finding } from './finding.ts';

/** Runs both checkers over a checkout and returns their findings, sorted by place. */
export async function checkFence(
  root: string,
): Promise<{ findings: readonly Finding[]; modules: number }> {
  const architecture = loadArchitecture(root);
  const imports = await checkImports(root, architecture);
  const source = checkSource(root, architecture);
  const findings = [...imports.findings, ...source.findings].sort(
    (a, b) => a.path.localeCompare(b.path) || (a.line ?? 0) - (b.line ?? 0),
  );
  return { findings, modules: imports.modules };
}
