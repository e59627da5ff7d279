import {
  AccountLedger,
  type CashMicros,
  cashMicros,
  type HistoryEntry,
  HOUSE,
  type InstrumentBook,
  type LedgerEntry,
  type LedgerSnapshot,
  type Mark,
  marketValueMicros,
  mulDivRound,
  priceNanos,
  type TimeUs,
  unrealisedMicros,
  ZERO_CASH,
} from '@capstan/domain';
import type { EquityRecord } from '@capstan/ports';

/** The name under which the whole account is reported. */
export const WHOLE_ACCOUNT = '*';

/** What a book is restored from. */
export interface BookState {
  readonly ledger: LedgerSnapshot;
  readonly marks: readonly Mark[];
}

/** An account as reporting sees it: the ledger by fills, and the last marks. */
export class AccountBook {
  readonly #accountId: string;
  readonly #instruments: InstrumentBook;
  readonly #marks = new Map<string, Mark>();
  #ledger: AccountLedger;
  /** What is needed of before by the entry that is applied just now. */
  #history: readonly HistoryEntry[] = [];

  /** @param openingMicros the account's capital, which belongs to the house. */
  constructor(accountId: string, instruments: InstrumentBook, openingMicros: CashMicros) {
    this.#accountId = accountId;
    this.#instruments = instruments;
    this.#ledger = new AccountLedger(accountId, instruments);
    this.#ledger.fund(HOUSE, openingMicros);
  }

  /** Goes on from a stored state. */
  restore(state: BookState): void {
    this.#ledger = AccountLedger.restore(
      this.#accountId,
      this.#instruments,
      state.ledger,
      (botId, symbol) => this.#historyOf(botId, symbol),
    );
    this.mark(state.marks);
  }

  state(): BookState {
    const marks = [...this.#marks.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return { ledger: this.#ledger.snapshot(), marks };
  }

  #historyOf(botId: string, symbol: string): readonly HistoryEntry[] {
    const isWanted = (entry: HistoryEntry) =>
      entry.symbol === symbol && (entry.kind === 'split' || entry.botId === botId);
    return this.#history.filter(isWanted);
  }

  /**
   * Applies an entry. A split restates the mark too, which is on the old share count until a bar brings a new one.
   * @param history of its symbol, where it speaks of what came before it.
   */
  apply(entry: LedgerEntry, history: readonly HistoryEntry[] = []): void {
    this.#history = history;
    for (const applied of this.#ledger.apply(entry)) {
      if (applied.kind !== 'split') continue;
      const mark = this.#marks.get(applied.symbol);
      if (mark === undefined || mark.barEndUs > applied.eventAtUs) continue;
      const { newShares, oldShares } = applied;
      const price = priceNanos(mulDivRound(mark.priceNanos, oldShares, newShares));
      this.#marks.set(applied.symbol, { ...mark, priceNanos: price });
    }
    this.#history = [];
  }

  mark(marks: readonly Mark[]): void {
    for (const mark of marks) {
      const known = this.#marks.get(mark.symbol);
      if (known === undefined || known.barEndUs <= mark.barEndUs)
        this.#marks.set(mark.symbol, mark);
    }
  }

  /** True where it holds anything: false for an account at a broker that is still to be opened with what is there. */
  get holdsAnything(): boolean {
    const ledger = this.#ledger;
    return ledger
      .bots()
      .some((botId) => ledger.cashMicros(botId) !== 0 || ledger.symbols(botId).length > 0);
  }

  /** Returns a point for each bot and one for the whole account. */
  points(runId: string, atUs: TimeUs): readonly EquityRecord[] {
    const bots = this.#ledger.bots().map((botId) => this.#point(runId, botId, atUs));
    const sum = (field: keyof Totals) =>
      cashMicros(bots.reduce((total, one) => total + one[field], 0));
    const whole: EquityRecord = {
      runId,
      accountId: this.#accountId,
      botId: WHOLE_ACCOUNT,
      atUs,
      cashMicros: sum('cashMicros'),
      marketValueMicros: sum('marketValueMicros'),
      realisedMicros: sum('realisedMicros'),
      unrealisedMicros: sum('unrealisedMicros'),
      feesMicros: sum('feesMicros'),
    };
    return [...bots, whole];
  }

  #point(runId: string, botId: string, atUs: TimeUs): EquityRecord {
    let market: number = ZERO_CASH;
    let realised: number = ZERO_CASH;
    let unrealised: number = ZERO_CASH;
    let fees: number = ZERO_CASH;
    for (const symbol of this.#ledger.symbols(botId)) {
      const position = this.#ledger.position(botId, symbol);
      const instrument = this.#instruments.get(symbol);
      const mark = this.#marks.get(symbol)?.priceNanos;
      realised += position.realisedMicros;
      fees += position.feesMicros;
      if (mark === undefined) continue;
      market += marketValueMicros(position, mark, instrument);
      unrealised += unrealisedMicros(position, mark, instrument);
    }
    return {
      runId,
      accountId: this.#accountId,
      botId,
      atUs,
      cashMicros: this.#ledger.cashMicros(botId),
      marketValueMicros: cashMicros(market),
      realisedMicros: cashMicros(realised),
      unrealisedMicros: cashMicros(unrealised),
      feesMicros: cashMicros(fees),
    };
  }
}

type Totals = Pick<
  EquityRecord,
  'cashMicros' | 'marketValueMicros' | 'realisedMicros' | 'unrealisedMicros' | 'feesMicros'
>;
