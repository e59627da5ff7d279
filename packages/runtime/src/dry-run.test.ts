import { AppError } from '@capstan/domain';
import { expect, test } from 'vitest';
import { isDryRun } from './dry-run.ts';

test.each([
  [undefined, false, false],
  [undefined, true, true],
  ['', true, true],
  ['true', false, true],
  [' TRUE ', false, true],
  ['1', false, true],
  ['false', true, false],
  ['0', true, false],
] as const)('DRY_RUN=%s over run.dryRun=%s is %s', (word, dryRun, is) => {
  expect(isDryRun({ dryRun }, word === undefined ? {} : { DRY_RUN: word })).toBe(is);
});

test('a misspelt word is refused', () => {
  expect(() => isDryRun({ dryRun: true }, { DRY_RUN: 'yes please' })).toThrow(AppError);
});
