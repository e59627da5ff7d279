import { AppError, type Fill } from '@capstan/domain';
import type { AccountCore } from '@capstan/engine';
import type { Store } from '@capstan/ports';

/** Fills of one page from the journal. */
const PAGE = 1_000;

/** Applies an account's fills in their order: what the stream has not brought is read from the journal. */
export class FillReader {
  readonly #store: Store;
  readonly #accountId: string;
  #history: readonly Fill[] | undefined;

  constructor(store: Store, accountId: string) {
    this.#store = store;
    this.#accountId = accountId;
  }

  /** Supplies what was read for a bust or a correction; the ledger asks for it while it applies one. */
  historyOf(botId: string, symbol: string): readonly Fill[] {
    const history = this.#history ?? [];
    return history.filter((fill) => fill.botId === botId && fill.symbol === symbol);
  }

  /**
   * Applies a fill, and before it those of the journal that precede it and were not applied.
   * @throws RISK_SERVICE.FILL_GAP when the journal does not have them; STORE.UNAVAILABLE.
   */
  async apply(core: AccountCore, fill: Fill): Promise<void> {
    while (core.lastSequence + 1 < fill.accountSequence) {
      const [missing] = await this.#store.fillsAfter(this.#accountId, core.lastSequence, 1);
      if (missing === undefined || missing.accountSequence !== core.lastSequence + 1) {
        throw this.#gap(core.lastSequence + 1, fill);
      }
      await this.#applyNext(core, missing);
    }
    await this.#applyNext(core, fill);
  }

  async #applyNext(core: AccountCore, fill: Fill): Promise<void> {
    if (fill.kind !== 'fill') this.#history ??= await this.#readThrough(core.lastSequence);
    core.applyFill(fill);
  }

  async #readThrough(sequence: number): Promise<readonly Fill[]> {
    const fills: Fill[] = [];
    let after = 0;
    while (after < sequence) {
      const page = await this.#store.fillsAfter(this.#accountId, after, PAGE);
      fills.push(...page);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.accountSequence;
    }
    return fills;
  }

  #gap(missing: number, fill: Fill): AppError {
    return new AppError({
      code: 'RISK_SERVICE.FILL_GAP',
      retry: 'retryable',
      why: `account ${this.#accountId}: fill ${fill.accountSequence} came, fill ${missing} is not in the journal.`,
      fix: 'It is tried again; if it stays, compare the journal with the backup it was restored from.',
    });
  }
}
