import { expect, test } from 'vitest';
import { importsOf } from './check-service-tree.ts';

test('finds the packages that a module imports, at once or late', () => {
  const code = `import pg from 'pg';
import { a,
  b } from "@scope/name/part";
import 'side-effect';
import { readFileSync } from 'node:fs';
import { own } from './own.js';
import { bus } from '@capstan/bus';
export { c } from 'again';
export const TEXT = 'not-imported';
const late = await import('late/part.mjs');
`;
  expect(importsOf(code)).toEqual([
    'pg',
    '@scope/name/part',
    'side-effect',
    'again',
    'late/part.mjs',
  ]);
});
