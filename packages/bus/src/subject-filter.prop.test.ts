import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coveringFilter, subjectMatch } from './subject-filter.ts';

const token = fc.constantFrom('a', 'b', 'c');
const subjects = fc.array(token, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const filter = fc
  .tuple(
    fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 3 }),
    fc.oneof(token, fc.constant('>')),
  )
  .map(([head, tail]) => [...head, tail].join('.'));

test('the covering filter takes all that any of the filters takes', () => {
  fc.assert(
    fc.property(fc.array(filter, { minLength: 1, maxLength: 4 }), subjects, (filters, subject) => {
      const cover = coveringFilter(filters) ?? '>';
      if (subjectMatch(filters)(subject)) expect(subjectMatch([cover])(subject)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('the covering filter is the filter itself, or the narrowest shape of several', () => {
  expect(coveringFilter([])).toBeUndefined();
  expect(coveringFilter(['a.*.c'])).toBe('a.*.c');
  expect(coveringFilter(['a.b.c', 'a.d.c'])).toBe('a.*.c');
  expect(coveringFilter(['a.b.c', 'a.d'])).toBe('a.>');
  expect(coveringFilter(['m.bar.v.*.1m', 'm.closed.f'])).toBe('m.*.>');
  expect(coveringFilter(['a.>', 'a.b'])).toBe('a.>');
});

test('a match follows the server’s rules', () => {
  const matches = subjectMatch(['a.*.c', 'b.>']);
  expect(['a.x.c', 'b.x', 'b.x.y'].filter(matches)).toHaveLength(3);
  expect(['a.x', 'a.x.c.d', 'b', 'a.c'].filter(matches)).toEqual([]);
});
