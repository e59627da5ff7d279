import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './tools/test-run/long-first.ts';

interface Planes {
  readonly packages: Readonly<Record<string, { readonly plane: string }>>;
}

const { packages } = JSON.parse(
  readFileSync(new URL('./architecture.json', import.meta.url), 'utf8'),
) as Planes;
const pure = Object.keys(packages).filter((name) => packages[name]?.plane === 'pure');
const rest = Object.keys(packages).filter((name) => !pure.includes(name) && name !== 'testkit');

const everywhere = ['{packages,services,apps,tools,bench,e2e}/**/*.test.ts'];
const never = ['**/node_modules/**', '**/dist/**'];
/** Tests of whole platforms, and of what a process has once, such as signals and global telemetry. */
const alone = ['e2e/src/*.test.ts', '{packages/runtime,apps/cli/src/supervisor}/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude: never } },
      // Modules keep no state, which the fence proves for logic: files share a process, and load what they import once.
      {
        extends: true,
        test: {
          name: 'shared',
          include: everywhere,
          exclude: [...never, ...alone],
          isolate: false,
        },
      },
    ],
    pool: 'forks',
    // Unless told, Vitest leaves one core to itself: half of a machine with two.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    setupFiles: ['tools/test-run/compile-cache.ts', 'tools/test-run/property-seed.ts'],
    restoreMocks: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './tools/test-summary/reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'apps/cli/src/**/*.ts'],
      exclude: [
        '**/*.test.ts',
        '**/*.test-support.ts',
        '**/*.fixture.ts',
        '**/test-*.ts',
        '**/gen/**',
        '**/generated/**',
        '**/main.ts',
        '**/wire.ts',
        'packages/testkit/**',
      ],
      reporter: ['text-summary', 'html'],
      thresholds: {
        [`packages/{${pure.join(',')}}/src/**`]: {
          lines: 90,
          statements: 90,
          functions: 90,
          branches: 80,
        },
        [`{packages/{${rest.join(',')}},services/*,apps/cli}/src/**`]: {
          lines: 80,
          statements: 80,
          functions: 80,
          branches: 70,
        },
      },
    },
  },
});
