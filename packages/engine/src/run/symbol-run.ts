import type { Calendar } from '@capstan/calendar';
import type { Instrument, Timeframe } from '@capstan/domain';
import type { BacktestSeries, SeriesColumns } from './series-columns.ts';
import type { SignalColumns } from './signals.ts';

/** What a run keeps of one symbol as it goes through the slices. */
export class SymbolRun {
  /** Index into the result's symbols. */
  readonly index: number;
  readonly symbol: string;
  readonly series: BacktestSeries;
  readonly bars: SeriesColumns;
  readonly instrument: Instrument;
  readonly calendar: Calendar;
  readonly signals: SignalColumns;
  readonly timeframe: Timeframe;
  /** Of what the sizing asks for, a row for each bar. */
  readonly sizingColumns: Readonly<Record<string, Float64Array>>;
  /** What the bot holds of it. */
  heldQuantity = 0;
  /** Orders of the symbol that work. */
  workingCount = 0;
  readonly #sliceOfRow: Int32Array | undefined;
  readonly #rows: number;
  #row = -1;

  constructor(parts: {
    readonly index: number;
    readonly series: BacktestSeries;
    readonly instrument: Instrument;
    readonly calendar: Calendar;
    readonly timeframe: Timeframe;
    readonly signals: SignalColumns;
    readonly sizingColumns: Readonly<Record<string, Float64Array>>;
    readonly sliceOfRow: Int32Array | undefined;
  }) {
    const { index, series, instrument, calendar, timeframe, signals, sliceOfRow } = parts;
    this.index = index;
    this.symbol = series.symbol;
    this.series = series;
    this.bars = series.bars;
    this.instrument = instrument;
    this.calendar = calendar;
    this.signals = signals;
    this.timeframe = timeframe;
    this.sizingColumns = parts.sizingColumns;
    this.#sliceOfRow = sliceOfRow;
    this.#rows = series.bars.endUs.length;
  }

  /** True where the symbol has a bar in each slice, so that row and slice are the same number. */
  get sliceIsRow(): boolean {
    return this.#sliceOfRow === undefined;
  }

  /** Returns the slice of a row; infinity beyond the last. */
  sliceOf(row: number): number {
    if (row >= this.#rows) return Number.POSITIVE_INFINITY;
    return this.#sliceOfRow === undefined ? row : (this.#sliceOfRow[row] ?? 0);
  }

  /** Returns the last row whose bar ends at or before a slice, -1 before the first. Slices are asked for in order. */
  rowAt(slice: number): number {
    if (this.#sliceOfRow === undefined) this.#row = Math.min(slice, this.#rows - 1);
    else while (this.sliceOf(this.#row + 1) <= slice) this.#row += 1;
    return this.#row;
  }

  /** As {@link SymbolRun.rowAt}, for slices in any order. */
  rowAtOrBefore(slice: number): number {
    if (this.#sliceOfRow === undefined) return Math.min(slice, this.#rows - 1);
    let [low, high] = [-1, this.#rows - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.sliceOf(middle) <= slice) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Returns the slice of the first bar after a slice; infinity where there is none. */
  nextSlice(slice: number): number {
    return this.sliceOf(this.rowAt(slice) + 1);
  }
}
