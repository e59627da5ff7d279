import { holdingFactor } from '../run/holding-worth.ts';
import type { KernelSymbol } from './kernel-symbol.ts';

/** Cash and equity after each slice. */
export interface CurveColumns {
  readonly cashMicros: Float64Array;
  readonly equityMicros: Float64Array;
  readonly grossMicros?: Float64Array;
}

/** What was held and how much cash there was after each slice, as changes; the columns follow from it. */
export class KernelCurve {
  readonly #cashSlice: number[] = [0];
  readonly #cash: number[];
  readonly #holdings: { readonly slice: number[]; readonly factor: number[] }[];

  constructor(symbolCount: number, cashMicros: number) {
    this.#cash = [cashMicros];
    this.#holdings = Array.from({ length: symbolCount }, () => ({ slice: [], factor: [] }));
  }

  /** Notes cash and holding from a slice on; of several in a slice the last counts. */
  note(symbol: KernelSymbol, slice: number, cashMicros: number): void {
    this.#cashSlice.push(slice);
    this.#cash.push(cashMicros);
    const held = this.#holdings[symbol.index];
    held?.slice.push(slice);
    held?.factor.push(holdingFactor(symbol.instrument, symbol.position.quantity));
  }

  /** Fills the columns; adds up in the order that `holdingFactor` tells, so that all paths give the same bits. */
  columns(symbols: readonly KernelSymbol[], slices: number, wantGross: boolean): CurveColumns {
    const cashMicros = new Float64Array(slices);
    const equityMicros = new Float64Array(slices);
    this.#cash.forEach((cash, index) => {
      const span = { from: this.#cashSlice[index] ?? 0, to: this.#cashSlice[index + 1] ?? slices };
      fillSpan(cashMicros, cash, span);
      fillSpan(equityMicros, cash, span);
    });
    for (const symbol of symbols) this.#addWorth(symbol, equityMicros, (factor) => factor);
    if (!wantGross) return { cashMicros, equityMicros };
    const grossMicros = new Float64Array(slices);
    for (const symbol of symbols) this.#addWorth(symbol, grossMicros, Math.abs);
    return { cashMicros, equityMicros, grossMicros };
  }

  #addWorth(symbol: KernelSymbol, to: Float64Array, weigh: (factor: number) => number): void {
    const held = this.#holdings[symbol.index];
    if (held === undefined) return;
    held.factor.forEach((factor, index) => {
      if (factor === 0) return;
      const span = { from: held.slice[index] ?? 0, to: held.slice[index + 1] ?? to.length };
      if (symbol.sliceOfRow === undefined) {
        addSpan(symbol.bars.closeNanos, weigh(factor), to, span);
      } else addScattered(symbol, weigh(factor), to, span);
    });
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Short spans are filled quicker by a loop than by the built-in. */
function fillSpan(column: Float64Array, value: number, { from, to }: Span): void {
  for (let slice = from; slice < to; slice += 1) column[slice] = value;
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
