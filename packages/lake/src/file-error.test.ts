import { AppError } from '@capstan/domain';
import { expect, test } from 'vitest';
import { fileError, writeError } from './file-error.ts';

const coded = (code: string): Error => Object.assign(new Error(`${code}: x`), { code });

test.each([
  [coded('ENOSPC'), 'LAKE.DISK'],
  [coded('EDQUOT'), 'LAKE.DISK'],
  [new Error('IO Error: Could not write file "x": No space left on device'), 'LAKE.DISK'],
  [coded('EACCES'), 'LAKE.WRITE'],
  [new Error('IO Error: Permission denied'), 'LAKE.WRITE'],
  ['no error at all', 'LAKE.WRITE'],
])('writing that ends with %s is told as %s', (error, code) => {
  expect(writeError('data/x', error)).toMatchObject({ code, cause: error });
});

test('an error that says what is wrong is passed on', () => {
  const told = new AppError({ code: 'LAKE.BUSY', why: 'busy.' });
  expect([writeError('x', told), fileError('x', told)]).toEqual([told, told]);
});

test('a full disk says that nothing was lost and what to do', () => {
  expect(writeError('data/x', coded('ENOSPC')).message).toBe(
    'data/x: the disk is full; what was there is as it was before. Free space, then run the same command again: what was done before it is kept.',
  );
});
