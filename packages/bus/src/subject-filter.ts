/** Tells whether a subject is wanted. */
export type SubjectMatch = (subject: string) => boolean;

/**
 * Returns one filter that takes all that any of the filters takes, and no more than need be; undefined for everything.
 * `a.b.c` and `a.d.c` give `a.*.c`; `a.b.c` and `a.d` give `a.>`.
 */
export function coveringFilter(filters: readonly string[]): string | undefined {
  const [first, ...rest] = filters;
  if (first === undefined) return undefined;
  const merged = rest.reduce<readonly string[]>(
    (all, filter) => merge(all, filter.split('.')),
    first.split('.'),
  );
  return merged.join('.');
}

function merge(a: readonly string[], b: readonly string[]): readonly string[] {
  const same = a.length === b.length && a.at(-1) !== '>' && b.at(-1) !== '>';
  const shorter = Math.min(a.length, b.length);
  const count = same ? shorter : shorter - 1;
  const tokens = a.slice(0, count).map((token, index) => (token === b[index] ? token : '*'));
  return same ? tokens : [...tokens, '>'];
}

/** Returns the test of several filters, by the rules of the server. */
export function subjectMatch(filters: readonly string[]): SubjectMatch {
  if (filters.length === 0) return () => true;
  const patterns = filters.map((filter) => filter.split('.'));
  return (subject) => {
    const tokens = subject.split('.');
    return patterns.some((pattern) => takes(pattern, tokens));
  };
}

function takes(pattern: readonly string[], tokens: readonly string[]): boolean {
  for (let index = 0; index < pattern.length; index += 1) {
    if (index >= tokens.length) return false;
    if (pattern[index] === '>') return true;
    if (pattern[index] !== '*' && pattern[index] !== tokens[index]) return false;
  }
  return pattern.length === tokens.length;
}
