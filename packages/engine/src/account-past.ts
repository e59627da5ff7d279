import type { Calendar } from '@capstan/calendar';
import {
  type AccountLedger,
  averagePriceNanos,
  CASH_FLOWS,
  type CashEvent,
  type Fill,
  type InstrumentBook,
  type OrderTerms,
  priceNanos,
  type TimeUs,
  unrealisedMicros,
} from '@capstan/domain';
import {
  type Counted,
  dayCalendar,
  type RiskLimits,
  RiskTally,
  type TallyState,
  type TallyView,
} from '@capstan/risk';
import type { AccountView } from './account-view.ts';

/** What an account's past is counted from. */
export interface PastParts {
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly ledger: () => Pick<AccountLedger, 'bots' | 'symbols' | 'position' | 'cashMicros'>;
}

/** Counts what an account's limits need to know of its past, from the account itself. */
export class AccountPast {
  readonly #parts: PastParts;
  readonly #tally: RiskTally;

  constructor(parts: PastParts, state?: TallyState) {
    this.#parts = parts;
    this.#tally = new RiskTally(state);
  }

  /** What policies ask of it. */
  get tally(): TallyView {
    return this.#tally;
  }

  /**
   * Looks at the account as a slice finds it. Bots that have seen no bar speak as of time 0, which is no day of trading.
   * @throws CALENDAR.UNKNOWN, CALENDAR.RANGE
   */
  look(view: AccountView, limits: RiskLimits, atUs: TimeUs): void {
    if (atUs === 0) return;
    const { equityMicros } = view;
    const calendar = this.#parts.calendarOf(dayCalendar(limits));
    this.#tally.look({ atUs, equityMicros, profits: this.#profits(view), limits, calendar });
  }

  /** Notes a fill that was applied. @param cashBefore of its bot. */
  noteFill({ kind, botId, symbol, eventAtUs }: Fill, cashBefore: number): void {
    if (kind !== 'fill') return;
    const change = this.#parts.ledger().cashMicros(botId) - cashBefore;
    this.#tally.noteFill(botId, symbol, eventAtUs, change);
  }

  /** Notes cash that came or went without a trade. */
  noteCash({ kind, amountMicros }: Pick<CashEvent, 'kind' | 'amountMicros'>): void {
    if (CASH_FLOWS.includes(kind)) this.#tally.noteFlow(amountMicros);
  }

  /** Notes an approved order. */
  noteOrder(order: OrderTerms, atUs: TimeUs): void {
    this.#tally.noteOrder(order, atUs);
  }

  /** Returns all that it knows. */
  state(): TallyState {
    return this.#tally.state();
  }

  /** Realised and unrealised profit less fees of each bot in each symbol that it ever traded. */
  #profits(view: AccountView): readonly Counted[] {
    const ledger = this.#parts.ledger();
    return ledger.bots().flatMap((botId) =>
      ledger.symbols(botId).map((symbol): Counted => {
        const position = ledger.position(botId, symbol);
        const instrument = this.#parts.instruments.get(symbol);
        const price =
          view.mark(symbol)?.priceNanos ?? averagePriceNanos(position, instrument) ?? priceNanos(0);
        const open = unrealisedMicros(position, price, instrument);
        return { botId, symbol, value: position.realisedMicros - position.feesMicros + open };
      }),
    );
  }
}
