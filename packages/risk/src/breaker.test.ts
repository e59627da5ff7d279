import { timeUs } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Breaker,
  breakerReason,
  closedBreaker,
  decodeBreaker,
  encodeBreaker,
} from './breaker.ts';

const breakers: fc.Arbitrary<Breaker> = fc.record({
  open: fc.boolean(),
  failures: fc.nat(),
  failuresMax: fc.nat(),
  reason: fc.string(),
  sinceUs: fc.nat().map(timeUs),
});

describe('a stored breaker', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(breakers, (one) => {
        expect(decodeBreaker(encodeBreaker(one))).toEqual(one);
      }),
    );
  });

  it.each(['', '{', '[]', 'null', '{"open":"no","failures":0,"failuresMax":5}', '{"open":false}'])(
    'that cannot be read counts as open: %s',
    (text) => {
      expect(decodeBreaker(text).open).toBe(true);
    },
  );

  it('without its words has empty ones', () => {
    const text = '{"open":false,"failures":0,"failuresMax":5,"sinceUs":"x"}';
    expect(decodeBreaker(text)).toEqual(closedBreaker(5));
  });
});

it('says how many failures opened it, and the last', () => {
  const open = { ...closedBreaker(5), open: true, failures: 5, reason: 'not today' };
  expect(breakerReason(open)).toBe(
    'the breaker is open after 5 failures in a row, the last: not today',
  );
});
