import { AppError, type HistoryEntry, type LedgerEntry } from '@capstan/domain';
import type { AccountCore } from '@capstan/engine';
import type { Store } from '@capstan/ports';

/** Entries of one page from the journal. */
const PAGE = 1_000;

/** Applies what an account's ledger is made of in its order: what the stream has not brought is read from the journal. */
export class FillReader {
  readonly #store: Store;
  readonly #accountId: string;
  #history: readonly HistoryEntry[] | undefined;

  constructor(store: Store, accountId: string) {
    this.#store = store;
    this.#accountId = accountId;
  }

  /** Supplies what was read for a bust, a correction or a late split; the ledger asks for it while it applies one. */
  historyOf(botId: string, symbol: string): readonly HistoryEntry[] {
    const history = this.#history ?? [];
    return history.filter(
      (entry) => entry.symbol === symbol && (entry.kind === 'split' || entry.botId === botId),
    );
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
    if (looksBack(entry)) this.#history ??= await this.#readThrough(core.lastSequence);
    core.applyEntry(entry);
  }

  async #readThrough(sequence: number): Promise<readonly HistoryEntry[]> {
    const history: HistoryEntry[] = [];
    let after = 0;
    while (after < sequence) {
      const page = await this.#store.entriesAfter(this.#accountId, after, PAGE);
      history.push(...page.filter((entry) => entry.kind === 'split' || 'fillId' in entry));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.accountSequence;
    }
    return history;
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

/** Tells whether an entry speaks of what was applied before. */
function looksBack(entry: LedgerEntry): boolean {
  if (entry.kind === 'split') return entry.followsSequence < entry.accountSequence - 1;
  return 'fillId' in entry && entry.kind !== 'fill';
}
