import { expect, test } from 'vitest';
import { dependencyProblems } from './check-dependencies.ts';

const workspace = (path: string, dependencies: Record<string, string>) => ({
  path,
  manifest: { name: path, dependencies },
});

test('passes exact pins that agree', () => {
  const aliased = { typescript: 'npm:@typescript/typescript6@6.0.2', beta: '18.4.0-beta.17' };
  expect(dependencyProblems([workspace('a', { zod: '4.6.7' }), workspace('b', aliased)])).toEqual(
    [],
  );
});

test('names a range', () => {
  for (const range of ['^4.6.7', '~1.0.0', '*', 'latest', '4.x', '>=1.0.0', 'npm:zod@^4.0.0']) {
    expect(dependencyProblems([workspace('a', { zod: range })])).toHaveLength(1);
  }
});

test('names a package that two workspaces want in two versions', () => {
  const problems = dependencyProblems([
    workspace('a', { zod: '4.6.7' }),
    workspace('b', { zod: '4.6.6' }),
  ]);
  expect(problems).toEqual(["'zod' has 2 versions: 4.6.7 in a; 4.6.6 in b"]);
});

test('fails where there is nothing to check', () => {
  expect(dependencyProblems([workspace('a', {})])).toHaveLength(1);
});
