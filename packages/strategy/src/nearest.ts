const SUGGESTIONS_MAX = 3;

/** Returns the least number of insertions, deletions, replacements and swaps of neighbours that make `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) least = Math.min(least, at(beforeLast, column - 2) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}

/**
 * Returns the names that `asked` may have meant: at most three, nearest first, none that shares too little. Case
 * does not count.
 */
export function nearestNames(asked: string, known: readonly string[]): readonly string[] {
  const text = asked.toLowerCase();
  const reach = Math.max(2, Math.floor(asked.length / 3));
  return known
    .map((name) => ({ name, distance: distanceOf(text, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ name }) => name);
}

/** A name that begins with what was asked is one edit away. */
function distanceOf(asked: string, name: string): number {
  const distance = editDistance(asked, name);
  return asked !== '' && name.startsWith(asked) ? Math.min(distance, 1) : distance;
}

/** Returns ` Did you mean …?`, or nothing where no known name is near. */
export function didYouMean(asked: string, known: readonly string[]): string {
  const near = nearestNames(asked, known).map((name) => `'${name}'`);
  return near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
}
