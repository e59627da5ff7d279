import { AppError, hasCode, InvariantError } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { storeFailure } from './failure.ts';

const postgres = (code: string, more: object = {}) =>
  Object.assign(new Error(`PostgreSQL's words for ${code}`), { code, severity: 'ERROR', ...more });
const prisma = (code: string, meta?: object) =>
  Object.assign(new Error('\nInvalid `invocation`:\n\nIn short.'), { code, meta });

describe('storeFailure', () => {
  it.each([
    ['a lost connection', new Error('Connection terminated unexpectedly')],
    ['a refused connection', Object.assign(new Error('no'), { code: 'ECONNREFUSED' })],
    ['a broken pipe', Object.assign(new Error('no'), { code: 'EPIPE' })],
    ['an administrator who ends sessions', postgres('57P01')],
    ['a server that starts up', postgres('57P03')],
    ['a statement that takes too long', postgres('57014')],
    ['a lock that is not given', postgres('55P03')],
    ['a deadlock', postgres('40P01')],
    ['too many connections', postgres('53300')],
    ['a full disk', postgres('53100')],
    ['a log that cannot be written', postgres('XX000', { severity: 'PANIC' })],
    ['a table that cannot be made longer', postgres('XX000')],
    ['a wrong password', postgres('28P01')],
    ['Prisma that does not reach the server', prisma('P1001')],
    ['Prisma that waits for a connection in vain', prisma('P2024')],
  ])('takes %s for a server that is unavailable, for now', (_, error) => {
    const failure = storeFailure(error, 'a step');
    expect(failure).toMatchObject({ code: 'STORE.UNAVAILABLE', retry: 'retryable', cause: error });
    expect(failure.message).toMatch(/^a step: /);
  });

  it.each([
    ['28P01', /Correct the user in postgres\.url, or its password/],
    ['3D000', /Make the database, or correct postgres\.url/],
    ['08006', /Check that PostgreSQL runs, and that postgres\.url leads there/],
  ])('says what to do about %s', (code, fix) => {
    expect(storeFailure(postgres(code), 'a step').message).toMatch(fix);
  });

  it('names the row that exists', () => {
    const failure = storeFailure(postgres('23505', { constraint: 'bars_pkey' }), 'a step');
    expect(hasCode(failure, 'STORE.CONFLICT')).toBe(true);
    expect(failure.message).toBe('a step: a row of that key exists (bars_pkey).');
    expect(storeFailure(prisma('P2002'), 'x')).toMatchObject({ code: 'STORE.CONFLICT' });
  });

  it('knows what the store itself refuses', () => {
    expect(storeFailure(postgres('CPF01'), 'a step')).toMatchObject({ code: 'STORE.FENCED' });
    expect(storeFailure(postgres('CPC01'), 'a step')).toMatchObject({ code: 'STORE.CONFLICT' });
  });

  it('says where tables are missing', () => {
    expect(storeFailure(postgres('42P01'), 'a step')).toMatchObject({
      code: 'STORE.SCHEMA',
      retry: 'retryable',
    });
    expect(storeFailure(prisma('P2021'), 'a step')).toMatchObject({ code: 'STORE.SCHEMA' });
  });

  it('takes what is left for a bug', () => {
    const check = postgres('23514', { constraint: 'orders_quantity_positive' });
    const mistake = new TypeError('not a function');
    for (const error of [check, postgres('22003'), postgres('42601'), prisma('P2009'), mistake]) {
      expect(storeFailure(error, 'a step')).toBeInstanceOf(InvariantError);
    }
  });

  it('looks through what Prisma wraps, and lets through what is already told', () => {
    const wrapped = prisma('P2010', { driverAdapterError: { cause: { originalCode: '57P01' } } });
    expect(storeFailure(wrapped, 'x')).toMatchObject({ code: 'STORE.UNAVAILABLE' });
    const told = new AppError({ code: 'STORE.FENCED', why: 'told.' });
    expect(storeFailure(told, 'x')).toBe(told);
    const bug = new InvariantError('bug');
    expect(storeFailure(bug, 'x')).toBe(bug);
  });
});
