import type { SymbolRun } from './symbol-run.ts';

/** The signals of all symbols in the order in which they are decided: by slice, then symbol. */
export interface SignalOrder {
  readonly count: number;
  readonly slice: Int32Array;
  readonly symbolIndex: Uint16Array;
  /** Index into the symbol's signals. */
  readonly signal: Int32Array;
}

/** Puts signals in order. @param symbols sorted. @complexity one pass over the signals and one over the slices. */
export function orderSignals(symbols: readonly SymbolRun[], sliceCount: number): SignalOrder {
  const [only] = symbols;
  if (symbols.length === 1 && only?.sliceIsRow === true) {
    const { count, row } = only.signals;
    const signal = Int32Array.from({ length: count }, (_, index) => index);
    return { count, slice: row, symbolIndex: new Uint16Array(count), signal };
  }
  const starts = new Int32Array(sliceCount + 1);
  let count = 0;
  for (const symbol of symbols) {
    const { signals } = symbol;
    count += signals.count;
    for (let index = 0; index < signals.count; index += 1) {
      const after = symbol.sliceOf(signals.row[index] ?? 0) + 1;
      starts[after] = (starts[after] ?? 0) + 1;
    }
  }
  for (let slice = 1; slice <= sliceCount; slice += 1) {
    starts[slice] = (starts[slice] ?? 0) + (starts[slice - 1] ?? 0);
  }
  const order = {
    count,
    slice: new Int32Array(count),
    symbolIndex: new Uint16Array(count),
    signal: new Int32Array(count),
  };
  for (const symbol of symbols) {
    const { signals } = symbol;
    for (let index = 0; index < signals.count; index += 1) {
      const slice = symbol.sliceOf(signals.row[index] ?? 0);
      const at = starts[slice] ?? 0;
      starts[slice] = at + 1;
      order.slice[at] = slice;
      order.symbolIndex[at] = symbol.index;
      order.signal[at] = index;
    }
  }
  return order;
}
