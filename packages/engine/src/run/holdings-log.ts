import { type CashMicros, movesNotionalCash } from '@capstan/domain';
import { holdingFactor } from './holding-worth.ts';
import type { SymbolRun } from './symbol-run.ts';

interface HoldingChange {
  readonly slice: number;
  readonly factor: number;
  /** What is taken off the worth: the cost of what settles by variation. */
  readonly costMicros: number;
}

interface CashChange {
  readonly slice: number;
  readonly cashMicros: number;
  readonly accruedMicros: number;
}

/** What was held and how much cash there was after each slice, as changes. Columns over the timeline follow from it. */
export class HoldingsLog {
  /** Dividends that are earned and not paid, from now on. */
  accruedMicros = 0;
  readonly #symbols: readonly SymbolRun[];
  readonly #holdings: HoldingChange[][];
  readonly #cash: CashChange[] = [];
  readonly #openingMicros: number;
  /** Row of each symbol that was marked last. */
  readonly #markRows: Int32Array;

  constructor(symbols: readonly SymbolRun[], openingMicros: CashMicros) {
    this.#symbols = symbols;
    this.#openingMicros = openingMicros;
    this.#holdings = symbols.map(() => []);
    this.#markRows = new Int32Array(symbols.length).fill(-1);
  }

  /** Returns the equity at the closes of a slice, with the cash and holdings noted last. Slices are asked for in order. */
  equityAt(slice: number): number {
    const cash = this.#cash.at(-1);
    let equity = cash === undefined ? this.#openingMicros : cash.cashMicros + cash.accruedMicros;
    for (const symbol of this.#symbols) {
      const held = this.#holdings[symbol.index]?.at(-1);
      if (held === undefined || held.factor === 0) continue;
      let row = this.#markRows[symbol.index] ?? -1;
      if (symbol.sliceIsRow) row = slice;
      else while (symbol.sliceOf(row + 1) <= slice) row += 1;
      this.#markRows[symbol.index] = row;
      equity += (symbol.bars.closeNanos[row] ?? 0) * held.factor - held.costMicros;
    }
    return equity;
  }

  /** Notes what is held of a symbol from a slice on. */
  noteHolding(
    symbol: SymbolRun,
    slice: number,
    held: { readonly quantity: number; readonly costMicros: number },
  ): void {
    const factor = holdingFactor(symbol.instrument, held.quantity);
    const costMicros = movesNotionalCash(symbol.instrument) ? 0 : held.costMicros;
    const changes = this.#holdings[symbol.index];
    if (changes?.at(-1)?.slice === slice) changes.pop();
    changes?.push({ slice, factor, costMicros });
  }

  /** Notes the cash from a slice on, with what is accrued. */
  noteCash(slice: number, cashMicros: CashMicros): void {
    if (this.#cash.at(-1)?.slice === slice) this.#cash.pop();
    this.#cash.push({ slice, cashMicros, accruedMicros: this.accruedMicros });
  }

  /** Fills the cash after each slice, and cash with accruals as the first part of equity. */
  fillCash(cash: Float64Array, equity: Float64Array): void {
    let from = 0;
    let before: CashChange = { slice: 0, cashMicros: this.#openingMicros, accruedMicros: 0 };
    for (const change of [...this.#cash, { ...before, slice: cash.length }]) {
      fillSpan(cash, before.cashMicros, from, change.slice);
      fillSpan(equity, before.cashMicros + before.accruedMicros, from, change.slice);
      from = change.slice;
      before = change;
    }
  }

  /** Adds to each slice what the holdings are worth at its marks, symbol by symbol. */
  addWorth(equity: Float64Array, gross: Float64Array | undefined): void {
    for (const symbol of this.#symbols) {
      const changes = this.#holdings[symbol.index] ?? [];
      changes.forEach(({ slice, factor, costMicros }, index) => {
        if (factor === 0) return;
        const until = changes[index + 1]?.slice ?? equity.length;
        const span = { from: slice, until, factor, costMicros };
        addSpan(symbol, span, equity);
        if (gross !== undefined)
          addSpan(symbol, { ...span, factor: Math.abs(factor), costMicros: 0 }, gross);
      });
    }
  }
}

interface Span {
  readonly from: number;
  readonly until: number;
  readonly factor: number;
  readonly costMicros: number;
}

function addSpan(symbol: SymbolRun, span: Span, to: Float64Array): void {
  const { factor, costMicros } = span;
  const { closeNanos } = symbol.bars;
  if (symbol.sliceIsRow) {
    addDirect(closeNanos, span, to);
    return;
  }
  let row = symbol.rowAtOrBefore(span.from);
  for (let slice = span.from; slice < span.until; slice += 1) {
    while (symbol.sliceOf(row + 1) <= slice) row += 1;
    to[slice] = (to[slice] ?? 0) + ((closeNanos[row] ?? 0) * factor - costMicros);
  }
}

function addDirect(closeNanos: Float64Array, span: Span, to: Float64Array): void {
  const { from, until, factor, costMicros } = span;
  for (let slice = from; slice < until; slice += 1) {
    to[slice] = (to[slice] ?? 0) + ((closeNanos[slice] ?? 0) * factor - costMicros);
  }
}

/** Short spans are filled quicker by a loop than by the built-in. */
function fillSpan(column: Float64Array, value: number, from: number, until: number): void {
  for (let row = from; row < until; row += 1) column[row] = value;
}
