import { expect, it } from 'vitest';
import { DOMAIN_ERRORS } from './error-codes.ts';
import { AppError, assert, hasCode, InvariantError, unreachable } from './errors.ts';

it('says what was wrong and what to do', () => {
  const cause = new Error('socket closed');
  const error = new AppError({
    code: 'A.B',
    why: 'It broke.',
    fix: 'Mend it.',
    retry: 'retryable',
    cause,
    details: { tries: 3 },
  });
  expect(error).toMatchObject({
    name: 'AppError',
    code: 'A.B',
    message: 'It broke. Mend it.',
    why: 'It broke.',
    fix: 'Mend it.',
    retry: 'retryable',
    cause,
    details: { tries: 3 },
  });
});

it('says what to do on a line of its own where what was wrong ends one', () => {
  const error = new AppError({ code: 'A.B', why: 'It broke:\n  here\n', fix: 'Mend it.' });
  expect(error.message).toBe('It broke:\n  here\nMend it.');
});

it('is final and without details unless told otherwise', () => {
  const error = new AppError({ code: 'A.B', why: 'It broke.' });
  expect(error).toMatchObject({
    message: 'It broke.',
    fix: undefined,
    retry: 'final',
    details: {},
  });
  expect('cause' in error).toBe(false);
});

it('matches by code', () => {
  const error: unknown = new AppError({ code: 'A.B', why: 'It broke.' });
  expect(hasCode(error, 'A.B')).toBe(true);
  expect(hasCode(error, 'A.C')).toBe(false);
  expect(hasCode(new Error('A.B'), 'A.B')).toBe(false);
});

it('reports bugs as InvariantError', () => {
  expect(() => assert(false, 'one is two')).toThrow(new InvariantError('one is two'));
  expect(() => assert(true, 'one is one')).not.toThrow();
  expect(() => unreachable('x' as never)).toThrow('unreachable: "x"');
});

it('lists its codes once each, sorted, with what to do', () => {
  const codes = DOMAIN_ERRORS.map((row) => row.code);
  expect(codes).toEqual([...new Set(codes)].sort());
  for (const { code, meaning, fix } of DOMAIN_ERRORS) {
    expect(code).toMatch(/^[A-Z]+\.[A-Z]+$/);
    expect(meaning).toMatch(/\.$/);
    expect(fix).toMatch(/\.$/);
  }
});
