import {
  type CashEventKind,
  type CashMicros,
  cashMicros,
  movesNotionalCash,
  mulDivRound,
  notionalMicros,
  type PriceNanos,
  priceNanos,
  quantity,
  type TimeUs,
} from '@capstan/domain';
import type { AccountCore } from '../account-core.ts';
import type { ActionBook, DueAction } from './action-book.ts';
import type { RunCashEvent } from './backtest-result.ts';
import type { RunNames } from './backtest-spec.ts';
import type { DividendAction, SplitAction } from './corporate-action.ts';
import type { HoldingsLog } from './holdings-log.ts';
import type { OrderDesk } from './order-desk.ts';
import type { SymbolRun } from './symbol-run.ts';

/** What the desk works with. */
export interface ActionDeskParts {
  readonly names: RunNames;
  readonly account: AccountCore;
  readonly orders: OrderDesk;
  readonly book: ActionBook;
  readonly log: HoldingsLog;
}

interface CashPlace {
  readonly slice: number;
  readonly symbol: SymbolRun;
  readonly atUs: TimeUs;
}

/** Lets corporate actions change positions, orders and cash, before the bars of their slice, and writes the cash down. */
export class ActionDesk {
  readonly cashEvents: RunCashEvent[] = [];
  readonly #parts: ActionDeskParts;
  #accrued = 0;
  /** The last split and the close before it on its share count, for another one at the same bar. */
  #restated: { readonly due: DueAction; readonly closeNanos: PriceNanos } | undefined;

  constructor(parts: ActionDeskParts) {
    this.#parts = parts;
  }

  /** Dividends earned and not paid yet. */
  get accruedMicros(): CashMicros {
    return cashMicros(this.#accrued);
  }

  /** Lets everything happen that is due before the bars of a slice. */
  open(slice: number): void {
    const { book } = this.#parts;
    for (const due of book.takeActions(slice)) {
      if (due.row === 0) continue;
      if (due.action.kind === 'split') this.#split(due, due.action);
      else this.#earn(due, due.action);
    }
    for (const payment of book.takePayments(slice)) {
      this.#accrue(-payment.amountMicros);
      this.#pay(payment, 'dividend', payment.amountMicros);
    }
  }

  #split(due: DueAction, { newShares, oldShares }: SplitAction): void {
    const { account, orders, log, names } = this.#parts;
    const { symbol, slice, atUs } = due;
    const closeNanos = this.#closeBefore(due);
    const after = mulDivRound(closeNanos, oldShares, newShares);
    this.#restated = { due, closeNanos: priceNanos(after) };
    const ratio = { numerator: newShares, denominator: oldShares };
    const restated = orders.restate(symbol, ratio, { slice, atUs });
    const split = { newShares, oldShares, closeNanos };
    const paid = account.applySplit(symbol.symbol, split, restated);
    for (const { fractionMicros } of paid) {
      if (fractionMicros !== 0) this.#note(due, 'fraction', fractionMicros);
    }
    const position = account.ledger.position(names.botId, symbol.symbol);
    symbol.heldQuantity = position.quantity;
    log.noteHolding(symbol, slice, position);
    log.noteCash(slice, account.ledger.totalCashMicros());
  }

  #closeBefore(due: DueAction): PriceNanos {
    const { symbol, row } = due;
    const last = this.#restated;
    if (last?.due.symbol === symbol && last.due.row === row) return last.closeNanos;
    return priceNanos(symbol.bars.closeNanos[row - 1] ?? Number.NaN);
  }

  /** Earns a dividend by what is held, which is what was held at the close before the ex-date. */
  #earn(due: DueAction, dividend: DividendAction): void {
    const { book } = this.#parts;
    const { symbol, slice } = due;
    const { instrument, heldQuantity } = symbol;
    if (heldQuantity === 0 || !movesNotionalCash(instrument)) return;
    const perUnit = priceNanos(dividend.amountPerUnitNanos);
    const amount = notionalMicros(instrument, perUnit, quantity(heldQuantity));
    if (amount === 0) return;
    const paySlice = book.paySlice(due, dividend);
    if (paySlice === slice) {
      this.#pay(due, 'dividend', amount);
      return;
    }
    this.#accrue(amount);
    this.#note(due, 'accrual', amount);
    this.#parts.log.noteCash(slice, this.#parts.account.ledger.totalCashMicros());
    book.payLater(symbol, paySlice, amount);
  }

  #accrue(amountMicros: number): void {
    this.#accrued += amountMicros;
    this.#parts.log.accruedMicros = this.#accrued;
  }

  #pay(place: CashPlace, kind: CashEventKind & RunCashEvent['kind'], amountMicros: CashMicros) {
    const { account, orders, names, log } = this.#parts;
    const accountSequence = orders.nextSequence();
    account.applyCash({
      cashEventId: `cash ${accountSequence}`,
      kind,
      accountId: names.accountId,
      botId: names.botId,
      amountMicros,
      eventAtUs: place.atUs,
      accountSequence,
    });
    this.#note(place, kind, amountMicros);
    log.noteCash(place.slice, account.ledger.totalCashMicros());
  }

  #note(place: CashPlace, kind: RunCashEvent['kind'], amountMicros: CashMicros): void {
    const { slice, symbol, atUs } = place;
    const symbolIndex = symbol.index;
    this.cashEvents.push({ kind, slice, symbolIndex, amountMicros, eventAtUs: atUs });
  }
}
