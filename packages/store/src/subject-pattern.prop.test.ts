import fc from 'fast-check';
import { expect, it } from 'vitest';
import { subjectPattern } from './outbox-reads.ts';

/** The rule, token by token. */
function matches(filter: readonly string[], subject: readonly string[]): boolean {
  const [wanted, ...restWanted] = filter;
  const [token, ...rest] = subject;
  if (wanted === undefined || token === undefined) return wanted === token;
  if (wanted === '>' && restWanted.length === 0) return true;
  return (wanted === '*' || wanted === token) && matches(restWanted, rest);
}

const token = fc.constantFrom('a', 'b', 'BRK/B', 'x_y', '(1)', '$', '%', 'é');
const tokens = fc.array(token, { minLength: 1, maxLength: 4 });
const filters = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([list, open]) => (open ? [...list, '>'] : list));

it('matches subjects as the transport does', () => {
  fc.assert(
    fc.property(filters, tokens, (filter, subject) => {
      const pattern = new RegExp(subjectPattern(filter.join('.')));
      expect(pattern.test(subject.join('.'))).toBe(matches(filter, subject));
    }),
    { numRuns: 2_000 },
  );
});
