import { expect, test } from 'vitest';
import { isKept } from './kept-files.ts';

test.each([
  ['pg', 'lib/index.js'],
  ['pg', 'package.json'],
  ['@duckdb/node-bindings-linux-x64', 'libduckdb.so'],
  ['bufferutil', 'prebuilds/linux-x64/bufferutil.node'],
  ['zod', 'LICENSE'],
  ['zod', 'licence.md'],
  ['zod', 'lib/test/value.js'],
  ['@prisma/client', 'runtime/client.mjs'],
  ['@prisma/client', 'runtime/query_compiler_fast_bg.postgresql.mjs'],
  ['@prisma/client', 'runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs'],
  ['@opentelemetry/core', 'build/src/index.js'],
])('keeps what %s loads: %s', (name, file) => {
  expect(isKept(name, file)).toBe(true);
});

test.each([
  ['pg', 'lib/index.d.ts'],
  ['pg', 'lib/index.js.map'],
  ['pg', 'README.md'],
  ['qs', 'test/parse.js'],
  ['bufferutil', 'prebuilds/darwin-arm64/bufferutil.node'],
  ['@prisma/client', 'runtime/query_compiler_fast_bg.mysql.mjs'],
  ['@prisma/client', 'runtime/query_compiler_small_bg.postgresql.wasm-base64.mjs'],
  ['@prisma/client', 'runtime/query_compiler_fast_bg.postgresql.wasm-base64.js'],
  ['@opentelemetry/core', 'build/esm/index.js'],
])('leaves out what nobody loads of %s: %s', (name, file) => {
  expect(isKept(name, file)).toBe(false);
});
