/**
 * Returns the test whether any of several filters takes a subject: `*` stands for one token, a last `>` for one or more. Filters
 * without either cost one look-up together, however many there are.
 */
export function subjectTest(filters: readonly string[]): (subject: string) => boolean {
  if (filters.length === 0) return () => true;
  const plain = new Set(filters.filter((filter) => !/[*>]/.test(filter)));
  const patterns = filters.filter((filter) => !plain.has(filter)).map(patternOf);
  return (subject) => plain.has(subject) || patterns.some((pattern) => pattern.test(subject));
}

function patternOf(filter: string): RegExp {
  const tokens = filter.split('.').map((token) => {
    if (token === '*') return '[^.]+';
    return token === '>' ? '.+' : token.replaceAll(/[^A-Za-z0-9_-]/g, '\\$&');
  });
  return new RegExp(`^${tokens.join('\\.')}$`);
}
