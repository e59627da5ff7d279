import type { CashMicros, TimeUs } from '@capstan/domain';
import { firstRowOn, firstSliceOn } from './action-rows.ts';
import type { CorporateAction, DividendAction } from './corporate-action.ts';
import type { SymbolRun } from './symbol-run.ts';

/** An action that takes effect before the bars of a slice. */
export interface DueAction {
  readonly slice: number;
  readonly symbol: SymbolRun;
  /** The symbol's first bar after it. */
  readonly row: number;
  readonly action: CorporateAction;
  /** The open of the session of that bar. */
  readonly atUs: TimeUs;
}

/** A dividend that becomes cash before the bars of a slice. */
export interface DuePayment {
  readonly slice: number;
  readonly symbol: SymbolRun;
  readonly amountMicros: CashMicros;
  readonly atUs: TimeUs;
}

/** The corporate actions of a run and the payments that they lead to, by the slice before which they take effect. */
export class ActionBook {
  readonly #timelineUs: Float64Array;
  readonly #actions: readonly DueAction[];
  readonly #payments: DuePayment[] = [];
  #next = 0;

  constructor(symbols: readonly SymbolRun[], timelineUs: Float64Array) {
    this.#timelineUs = timelineUs;
    this.#actions = symbols.flatMap(actionsOf).sort((a, b) => a.slice - b.slice);
  }

  /** The first slice with something due; infinity where there is none. */
  get nextSlice(): number {
    const action = this.#actions[this.#next]?.slice ?? Number.POSITIVE_INFINITY;
    return Math.min(action, this.#payments[0]?.slice ?? Number.POSITIVE_INFINITY);
  }

  /** Takes the actions of a slice: by symbol, splits before dividends of the same date. */
  takeActions(slice: number): readonly DueAction[] {
    const first = this.#next;
    while (this.#actions[this.#next]?.slice === slice) this.#next += 1;
    return this.#actions.slice(first, this.#next);
  }

  /** Takes the payments of a slice, in the order in which they were earned. */
  takePayments(slice: number): readonly DuePayment[] {
    const due = this.#payments.findIndex((payment) => payment.slice > slice);
    return this.#payments.splice(0, due < 0 ? this.#payments.length : due);
  }

  /** Returns the slice before which a dividend is paid: that of the ex-date where no later pay date is given. */
  paySlice({ symbol, slice }: DueAction, { exDate, payDate = exDate }: DividendAction): number {
    const paid = firstSliceOn(this.#timelineUs, payDate, symbol.calendar);
    return Math.max(slice, paid);
  }

  /** Keeps a payment until its slice; one after the last slice is never made. */
  payLater(symbol: SymbolRun, slice: number, amountMicros: CashMicros): void {
    const endUs = this.#timelineUs[slice];
    if (endUs === undefined) return;
    const atUs = symbol.calendar.sessionAtOrAfter(endUs - 1).openUs;
    const after = this.#payments.findIndex((payment) => payment.slice > slice);
    const at = after < 0 ? this.#payments.length : after;
    this.#payments.splice(at, 0, { slice, symbol, amountMicros, atUs });
  }
}

function actionsOf(symbol: SymbolRun): readonly DueAction[] {
  const { bars, calendar, series } = symbol;
  return inOrder(series.actions ?? []).flatMap((action) => {
    const row = firstRowOn(bars.startUs, action.exDate, calendar);
    const startUs = bars.startUs[row];
    if (startUs === undefined) return [];
    const atUs = calendar.sessionAtOrAfter(startUs).openUs;
    return [{ slice: symbol.sliceOf(row), symbol, row, action, atUs }];
  });
}

/** Sorts actions by ex-date, splits before dividends. */
export function inOrder(actions: readonly CorporateAction[]): readonly CorporateAction[] {
  const rank = ({ kind }: CorporateAction) => (kind === 'split' ? 0 : 1);
  return [...actions].sort((a, b) => {
    if (a.exDate !== b.exDate) return a.exDate < b.exDate ? -1 : 1;
    return rank(a) - rank(b);
  });
}
