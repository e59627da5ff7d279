import type { BarRecord, BarRevisions } from '@capstan/ports';

/** Picks the revisions of bars that a query asks for. */
export function revisionsOf(bars: readonly BarRecord[], revisions: BarRevisions): BarRecord[] {
  if (revisions === 'all') return [...bars];
  if (revisions === 'first') return bars.filter(({ revision }) => revision === 0);
  const newest = new Map<string, BarRecord>();
  for (const bar of bars) {
    const key = `${bar.symbol} ${bar.endUs}`;
    if ((newest.get(key)?.revision ?? -1) < bar.revision) newest.set(key, bar);
  }
  return [...newest.values()];
}
