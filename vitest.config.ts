import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

interface Planes {
  readonly packages: Readonly<Record<string, { readonly plane: string }>>;
}

const { packages } = JSON.parse(
  readFileSync(new URL('./architecture.json', import.meta.url), 'utf8'),
) as Planes;
const pure = Object.keys(packages).filter((name) => packages[name]?.plane === 'pure');
const rest = Object.keys(packages).filter((name) => !pure.includes(name) && name !== 'testkit');

export default defineConfig({
  test: {
    include: ['{packages,services,apps,tools,bench}/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    testTimeout: 20_000,
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
