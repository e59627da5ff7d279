/** One thing that a checkout must satisfy. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** A path without which the checkout has nothing for this check. */
  readonly needs?: string;
}

/** The checks in the order they run: the quick ones first. */
export const CHECKS: readonly Check[] = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  {
    name: 'types of the dashboard',
    command: ['tsc', '--noEmit', '-p', 'apps/dashboard/tsconfig.json'],
    needs: 'apps/dashboard/tsconfig.json',
  },
  {
    name: 'types of the report pages',
    command: ['tsc', '--noEmit', '-p', 'packages/reports/page/tsconfig.json'],
    needs: 'packages/reports/page/tsconfig.json',
  },
  { name: 'lint', command: ['biome', 'check', '--diagnostic-level=error', '--colors=off', '.'] },
  { name: 'fence', command: ['node', 'tools/fence/main.ts'] },
  { name: 'contracts', command: ['buf', 'lint'] },
  { name: 'generated code', command: ['node', 'tools/generate-check/main.ts'] },
  { name: 'dependencies', command: ['node', 'tools/dependencies/main.ts'] },
  { name: 'error codes', command: ['node', 'tools/errors-page/main.ts', '--check'] },
  { name: 'docs', command: ['node', 'tools/docs-check/main.ts'] },
  { name: 'build', command: ['node', 'tools/build/main.ts', '--check'] },
];
