import type { BacktestOptions } from '../run/backtest-result.ts';
import { holdingFactor } from '../run/holding-worth.ts';
import type { KernelSymbol } from './kernel-symbol.ts';

/** Cash and equity after each slice. */
export interface CurveColumns {
  readonly cashMicros: Float64Array;
  readonly equityMicros: Float64Array;
  readonly grossMicros?: Float64Array;
}

/**
 * What was held and how much cash there was after each slice, as changes; the columns follow from it. A change is a fill: the
 * arrays have a row for each, the opening first.
 */
export class KernelCurve {
  readonly #slice: Int32Array;
  readonly #cash: Float64Array;
  readonly #factor: Float64Array;
  /** The change of the same symbol that follows; 0 after the last. */
  readonly #next: Int32Array;
  /** The first change of each symbol, and the last so far; 0 where there is none. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  #count = 1;

  constructor(
    most: { readonly symbols: number; readonly fills: number },
    openingCashMicros: number,
  ) {
    const rows = most.fills + 1;
    this.#slice = new Int32Array(rows);
    this.#cash = new Float64Array(rows);
    this.#factor = new Float64Array(rows);
    this.#next = new Int32Array(rows);
    this.#first = new Int32Array(most.symbols);
    this.#last = new Int32Array(most.symbols);
    this.#cash[0] = openingCashMicros;
  }

  /** Notes cash and holding from a slice on; of several in a slice the last counts. */
  note({ index, instrument, position }: KernelSymbol, slice: number, cashMicros: number): void {
    const at = this.#count;
    this.#slice[at] = slice;
    this.#cash[at] = cashMicros;
    this.#factor[at] = holdingFactor(instrument, position.quantity);
    const last = this.#last[index] as number;
    if (last === 0) this.#first[index] = at;
    else this.#next[last] = at;
    this.#last[index] = at;
    this.#count = at + 1;
  }

  /** Fills the columns; adds up in the order that `holdingFactor` tells, so that all paths give the same bits. */
  columns(
    symbols: readonly KernelSymbol[],
    slices: number,
    { wantGross, allocate = (rows) => new Float64Array(rows) }: BacktestOptions,
  ): CurveColumns {
    const cashMicros = allocate(slices);
    const equityMicros = allocate(slices);
    const [only] = symbols;
    if (symbols.length === 1 && only?.sliceOfRow === undefined && only !== undefined) {
      this.#fillOne(only.bars.closeNanos, cashMicros, equityMicros);
    } else {
      this.#fillCash(cashMicros, equityMicros);
      for (const symbol of symbols) this.#addWorth(symbol, equityMicros, false);
    }
    if (wantGross !== true) return { cashMicros, equityMicros };
    const grossMicros = new Float64Array(slices);
    for (const symbol of symbols) this.#addWorth(symbol, grossMicros, true);
    return { cashMicros, equityMicros, grossMicros };
  }

  /** Fills both columns at once where each slice has a bar of the only symbol. */
  #fillOne(close: Float64Array, cashMicros: Float64Array, equityMicros: Float64Array): void {
    for (let at = 0; at < this.#count; at += 1) {
      const to = at + 1 < this.#count ? (this.#slice[at + 1] as number) : cashMicros.length;
      const from = this.#slice[at] as number;
      const cash = this.#cash[at] as number;
      const factor = this.#factor[at] as number;
      if (factor === 0) fillFlat(cashMicros, equityMicros, cash, { from, to });
      else fillHeld(close, factor, cashMicros, equityMicros, cash, { from, to });
    }
  }

  #fillCash(cashMicros: Float64Array, equityMicros: Float64Array): void {
    for (let at = 0; at < this.#count; at += 1) {
      const to = at + 1 < this.#count ? (this.#slice[at + 1] as number) : cashMicros.length;
      const from = this.#slice[at] as number;
      fillFlat(cashMicros, equityMicros, this.#cash[at] as number, { from, to });
    }
  }

  #addWorth(symbol: KernelSymbol, column: Float64Array, isGross: boolean): void {
    for (let at = this.#first[symbol.index] as number; at !== 0; at = this.#next[at] as number) {
      const next = this.#next[at] as number;
      const to = next === 0 ? column.length : (this.#slice[next] as number);
      const from = this.#slice[at] as number;
      const signed = this.#factor[at] as number;
      if (signed === 0) continue;
      const factor = isGross ? Math.abs(signed) : signed;
      if (symbol.sliceOfRow === undefined) {
        addSpan(symbol.bars.closeNanos, factor, column, { from, to });
      } else addScattered(symbol, factor, column, { from, to });
    }
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Short spans are filled quicker by a loop than by the built-in. */
function fillFlat(cash: Float64Array, equity: Float64Array, value: number, span: Span): void {
  const { from, to } = span;
  for (let slice = from; slice < to; slice += 1) {
    cash[slice] = value;
    equity[slice] = value;
  }
}

function fillHeld(
  close: Float64Array,
  factor: number,
  cash: Float64Array,
  equity: Float64Array,
  value: number,
  { from, to }: Span,
): void {
  for (let slice = from; slice < to; slice += 1) {
    cash[slice] = value;
    equity[slice] = value + (close[slice] as number) * factor;
  }
}

function addSpan(close: Float64Array, factor: number, column: Float64Array, span: Span): void {
  const { from, to } = span;
  for (let slice = from; slice < to; slice += 1) {
    column[slice] = (column[slice] as number) + (close[slice] as number) * factor;
  }
}

function addScattered(symbol: KernelSymbol, factor: number, to: Float64Array, span: Span): void {
  const close = symbol.bars.closeNanos;
  let row = symbol.rowAt(span.from);
  for (let slice = span.from; slice < span.to; slice += 1) {
    while (row + 1 < symbol.rows && symbol.sliceOf(row + 1) <= slice) row += 1;
    to[slice] = (to[slice] as number) + (close[row] as number) * factor;
  }
}
