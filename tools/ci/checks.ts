/** One thing that a checkout must satisfy. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** A path without which the checkout has nothing for this check. */
  readonly needs?: string;
  /** It writes what others read: it runs before them, alone. */
  readonly writes?: true;
  /** It keeps every core busy by itself: it runs after the others, alone. */
  readonly usesAllCores?: true;
}

/** The checks in the order they begin: those that take long first. */
export const CHECKS: readonly Check[] = [
  {
    name: 'generated code',
    command: ['node', 'tools/generate-check/main.ts'],
    writes: true,
  },
  { name: 'fence', command: ['node', 'tools/fence/main.ts'] },
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
  { name: 'build', command: ['node', 'tools/build/main.ts', '--check'] },
  { name: 'lint', command: ['biome', 'check', '--diagnostic-level=error', '--colors=off', '.'] },
  { name: 'contracts', command: ['buf', 'lint'] },
  { name: 'dependencies', command: ['node', 'tools/dependencies/main.ts'] },
  { name: 'error codes', command: ['node', 'tools/errors-page/main.ts', '--check'] },
  { name: 'venues page', command: ['node', 'tools/venues-page/main.ts', '--check'] },
  { name: 'chart', command: ['node', 'tools/chart/main.ts', '--check'] },
  { name: 'docs', command: ['node', 'tools/docs-check/main.ts'] },
  {
    // With the fixed seeds among the tests they are two thousand worlds.
    name: 'simulated worlds',
    command: ['node', 'e2e/src/sim/main.ts', '--count', '1700', '--from', '301'],
    usesAllCores: true,
  },
];
