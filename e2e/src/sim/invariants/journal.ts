import { AccountLedger, type CashEvent, type Fill } from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import type { Commit } from '@capstan/ports';
import { ACCOUNT_ID, CASH, instruments } from '../scenario.ts';
import { type BrokerTruth, isFill } from './broker-truth.ts';

/**
 * What the platform keeps of fills and money: after each commit the journal holds the beginning of what the broker did, each fill once
 * and as it was, and risk's ledgers are what the beginning of the journal adds up to, to the micro.
 */
export class JournalAndLedger {
  readonly #truth: BrokerTruth;
  readonly #ledger: AccountLedger;
  readonly #rows = new Map<string, string>();
  #journaled = 0;

  constructor(truth: BrokerTruth) {
    this.#truth = truth;
    this.#ledger = new AccountLedger(ACCOUNT_ID, instruments, (botId, symbol) =>
      truth.entries.filter(isFill).filter((one) => one.botId === botId && one.symbol === symbol),
    );
    this.#ledger.fund(HOUSE, CASH);
  }

  /**
   * Tells whether everything that the broker did is journaled and in the ledgers. How far those are cannot be asked: what was taken back
   * at once leaves no trace in them.
   */
  get isComplete(): boolean {
    const { entries, ledger } = this.#truth;
    return (
      this.#journaled === entries.length &&
      entries.every((one) =>
        this.#rows.has(isFill(one) ? `${one.botId} ${one.symbol}` : one.botId),
      ) &&
      this.#difference(ledger) === undefined
    );
  }

  /** What the ledgers hold. */
  get ledger(): Omit<AccountLedger, 'apply' | 'fund'> {
    return this.#ledger;
  }

  /** @throws Error where a fill was lost, doubled or changed, or money came from nowhere. */
  check({ fills = [], cashEvents = [], ledgerPositions = [], ledgerCash = [] }: Commit): void {
    const entries = [...fills, ...cashEvents].sort((a, b) => a.accountSequence - b.accountSequence);
    for (const entry of entries) this.#checkEntry(entry);
    if (ledgerPositions.length + ledgerCash.length === 0) return;
    for (const row of ledgerPositions) this.#rows.set(`${row.botId} ${row.symbol}`, textOf(row));
    for (const { throughSequence: _, ...row } of ledgerCash) this.#rows.set(row.botId, textOf(row));
    while (!this.#agrees()) {
      const next = this.#truth.entries[this.#ledger.lastSequence];
      if (next === undefined || next.accountSequence > this.#journaled) {
        throw new Error(
          `the ledgers are not what the journal adds up to: ${this.#difference(this.#ledger)}`,
        );
      }
      this.#ledger.apply(next);
    }
  }

  #checkEntry(entry: Fill | CashEvent): void {
    const expected = this.#truth.entries[this.#journaled];
    if (expected === undefined || saidOf(entry) !== saidOf(expected)) {
      const real = expected === undefined ? 'nothing' : textOf(expected);
      throw new Error(`journaled is ${textOf(entry)}, and what the broker did is ${real}`);
    }
    this.#journaled += 1;
  }

  #agrees(): boolean {
    return this.#difference(this.#ledger) === undefined;
  }

  /** The first row that differs from other ledgers. */
  #difference(ledger: Omit<AccountLedger, 'apply' | 'fund'>): string | undefined {
    for (const [key, row] of this.#rows) {
      const [botId = '', symbol] = key.split(' ');
      const expected = symbol === undefined ? ledger.cashRow(botId) : ledger.row(botId, symbol);
      if (row !== textOf(expected)) return `${row} instead of ${textOf(expected)}`;
    }
    return undefined;
  }
}

/** What an entry says; how the platform names a later word is its own. */
function saidOf(entry: Fill | CashEvent): string {
  if (!isFill(entry) || entry.kind === 'fill') return textOf(entry);
  const { fillId, ...said } = entry;
  return textOf(said);
}

const textOf = (row: object): string => JSON.stringify(row, Object.keys(row).sort());
