import { subjectMatches } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { subjectTest } from './subject-filter.ts';

const token = fc.constantFrom('a', 'b', 'a=2e=', 'a-b');
const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
const filter = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 4 }), fc.boolean(), token)
  .map(([tokens, isOpen, last]) => [...tokens, isOpen ? '>' : last].join('.'));

it('takes what the transport takes', () => {
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 4 }), subject, (filters, one) => {
      const isTaken = filters.length === 0 || filters.some((any) => subjectMatches(any, one));
      expect(subjectTest(filters)(one)).toBe(isTaken);
    }),
    { numRuns: 1_000 },
  );
});
