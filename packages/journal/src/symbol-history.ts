import type { HistoryEntry, LedgerEntry } from '@capstan/domain';
import type { Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** Tells whether an entry of a ledger speaks of what came before it: a ledger that was restored then needs the history of its symbol. */
export function looksBack(
  entry: LedgerEntry,
): entry is Extract<LedgerEntry, { readonly symbol: string }> {
  if (entry.kind === 'split') return entry.followsSequence < entry.accountSequence - 1;
  return 'fillId' in entry && entry.kind !== 'fill';
}

/** Reads the fills and splits of one symbol of an account that came before an account sequence, in order. */
export async function readSymbolHistory(
  store: Pick<Store, 'symbolEntries'>,
  accountId: string,
  symbol: string,
  beforeSequence: number,
): Promise<readonly HistoryEntry[]> {
  const history: HistoryEntry[] = [];
  for (;;) {
    const after = history.at(-1)?.accountSequence ?? 0;
    const page = await store.symbolEntries(accountId, symbol, LIMITS.historyPage, after);
    const before = page.filter(({ accountSequence }) => accountSequence < beforeSequence);
    history.push(...before);
    if (page.length < LIMITS.historyPage || before.length < page.length) return history;
  }
}
