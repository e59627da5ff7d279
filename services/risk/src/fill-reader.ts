import { AppError, type HistoryEntry, type LedgerEntry } from '@capstan/domain';
import type { AccountCore } from '@capstan/engine';
import { looksBack, readSymbolHistory } from '@capstan/journal';
import type { Store } from '@capstan/ports';

/** Applies what an account's ledger is made of in its order: what the stream has not brought is read from the journal. */
export class FillReader {
  readonly #store: Store;
  readonly #accountId: string;
  /** Of the symbol of the entry that is applied just now, where that speaks of what came before it. */
  #history: readonly HistoryEntry[] = [];

  constructor(store: Store, accountId: string) {
    this.#store = store;
    this.#accountId = accountId;
  }

  /** Supplies what was read for a bust, a correction or a late split; the ledger asks for it while it applies one. */
  historyOf(botId: string, symbol: string): readonly HistoryEntry[] {
    const isWanted = (entry: HistoryEntry) =>
      entry.symbol === symbol && (entry.kind === 'split' || entry.botId === botId);
    return this.#history.filter(isWanted);
  }

  /**
   * Applies an entry, and before it those of the journal that precede it and were not applied.
   * @throws RISK_SERVICE.FILL_GAP when the journal does not have them; STORE.UNAVAILABLE.
   */
  async apply(core: AccountCore, entry: LedgerEntry): Promise<void> {
    while (core.lastSequence + 1 < entry.accountSequence) {
      const [missing] = await this.#store.entriesAfter(this.#accountId, core.lastSequence, 1);
      if (missing === undefined || missing.accountSequence !== core.lastSequence + 1) {
        throw this.#gap(core.lastSequence + 1, entry);
      }
      await this.#applyNext(core, missing);
    }
    await this.#applyNext(core, entry);
  }

  async #applyNext(core: AccountCore, entry: LedgerEntry): Promise<void> {
    const { accountSequence } = entry;
    this.#history = looksBack(entry)
      ? await readSymbolHistory(this.#store, this.#accountId, entry.symbol, accountSequence)
      : [];
    core.applyEntry(entry);
    this.#history = [];
  }

  #gap(missing: number, entry: LedgerEntry): AppError {
    return new AppError({
      code: 'RISK_SERVICE.FILL_GAP',
      retry: 'retryable',
      why: `account ${this.#accountId}: entry ${entry.accountSequence} came, entry ${missing} is not in the journal.`,
      fix: 'It is tried again; if it stays, compare the journal with the backup it was restored from.',
    });
  }
}
