import type { SymbolRestriction } from '@capstan/domain';
import type { AccountBook, BookState, ExchangeAccountSettings } from './exchange-account.ts';
import type { ExchangeOrder } from './exchange-input.ts';
import type { MatcherSnapshot } from './matching/working-order.ts';

/** All that an exchange goes on from. Plain data, safe for JSON. */
export interface ExchangeSnapshot {
  readonly matcher: MatcherSnapshot;
  readonly accounts: readonly ({ readonly settings: ExchangeAccountSettings } & BookState)[];
  readonly orders: readonly ExchangeOrder[];
  readonly posted: readonly string[];
  readonly restrictions: readonly SymbolRestriction[];
}

/** Returns what is kept of an account: all but what it was told. */
export function snapshotOfBook(book: AccountBook): ExchangeSnapshot['accounts'][number] {
  const { settings, cashMicros, positions, forgotten, events } = book;
  return {
    ...{ settings, cashMicros, sequence: forgotten + events.length },
    positions: [...positions].map(([symbol, position]) => ({ symbol, position })),
  };
}
