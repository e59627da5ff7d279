import { type Bar, timeUs } from '@capstan/domain';
import type { Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

const NUMBERS = ['openNanos', 'highNanos', 'lowNanos', 'closeNanos', 'volume'] as const;

/**
 * Returns bars as further revisions of those that are journaled, each numbered on from the last one; those that say what is known
 * already are left out. A bar that missed its slice begins at 1: revision 0 is what decisions were taken on.
 * @throws STORE.UNAVAILABLE
 */
export async function revisedBars(
  store: Pick<Store, 'bars'>,
  { runId, feed }: { readonly runId: string; readonly feed: string },
  bars: readonly Bar[],
): Promise<readonly Bar[]> {
  const revised: Bar[] = [];
  for (const [endUs, told] of Map.groupBy(bars, (bar) => bar.endUs)) {
    const symbols = [...new Set(told.map(({ symbol }) => symbol))];
    const there = await store.bars({
      ...{ runId, feed, symbols, timeframe: '1m', revisions: 'latest' },
      ...{ afterUs: timeUs(endUs - 1), throughUs: endUs, limit: symbols.length },
    });
    const newest = new Map<string, Bar>(there.map((bar) => [bar.symbol, bar]));
    for (const bar of told) {
      const known = newest.get(bar.symbol);
      if (known !== undefined && NUMBERS.every((name) => known[name] === bar[name])) continue;
      if ((known?.revision ?? 0) >= LIMITS.revisionsMax) continue;
      const next = { ...bar, revision: (known?.revision ?? 0) + 1 };
      newest.set(bar.symbol, next);
      revised.push(next);
    }
  }
  return revised;
}
