import { expect, test } from 'vitest';
import { builtManifest } from './built-manifest.ts';

test('leads exports and commands to JavaScript, and leaves the rest', () => {
  const manifest = {
    name: '@capstan/one',
    exports: { '.': './src/index.ts', './sql': './sql/one.sql', './t': { types: './a.d.ts' } },
    bin: { one: './src/main.ts' },
    scripts: { generate: 'x' },
    dependencies: { zod: '4.6.7' },
    devDependencies: { prisma: '7.10.0' },
  };
  expect(builtManifest(manifest)).toEqual({
    name: '@capstan/one',
    exports: { '.': './src/index.js', './sql': './sql/one.sql', './t': { types: './a.d.ts' } },
    bin: { one: './src/main.js' },
    dependencies: { zod: '4.6.7' },
  });
});
