import type { Calendar } from '@capstan/calendar';
import { FLAT_POSITION, type Instrument, type Position } from '@capstan/domain';
import type { SeriesColumns } from '../run/series-columns.ts';
import type { SignalColumns } from '../run/signals.ts';
import type { KernelSignals } from './kernel-signals.ts';

/** Row of an order column where there is no order. */
export const NO_ORDER = -1;

/** What a kernel is told of a symbol. */
export interface KernelSymbolParts {
  readonly index: number;
  readonly symbol: string;
  readonly bars: SeriesColumns;
  readonly instrument: Instrument;
  readonly calendar: Calendar;
  readonly signals: KernelSignals;
  /** The signals as they were worked out, for the result. */
  readonly signalColumns: SignalColumns;
  /** The slice of each row; `undefined` where both are the same number. */
  readonly sliceOfRow: Int32Array | undefined;
}

/** What a kernel keeps of one symbol as it goes through the slices. */
export class KernelSymbol implements KernelSymbolParts {
  readonly index: number;
  readonly symbol: string;
  readonly bars: SeriesColumns;
  readonly instrument: Instrument;
  readonly calendar: Calendar;
  readonly signals: KernelSignals;
  readonly signalColumns: SignalColumns;
  readonly sliceOfRow: Int32Array | undefined;
  readonly rows: number;

  position: Position = FLAT_POSITION;
  isTraded = false;
  nextSignal = 0;
  /** What every signal holds, where that is always the same; `undefined` until it was worked out. */
  fixedSize: number | undefined;
  /** Row of the bar that is met next; of meaning while the symbol waits for one. */
  meetRow = 0;

  /** What was decided and is not submitted yet: signed quantity, and whether it only reduces. */
  delta = 0;
  reducing = false;
  /** Row of the market order that works. */
  order = NO_ORDER;
  orderDueUs = 0;
  /** What the order is reserved at of the account's cash: that of a buy that adds. */
  reservedMicros = 0;
  /** Exits that the order carries, then those that work; 0 for none. */
  stopNanos = 0;
  targetNanos = 0;
  stopOrder = NO_ORDER;
  targetOrder = NO_ORDER;

  constructor(parts: KernelSymbolParts) {
    this.index = parts.index;
    this.symbol = parts.symbol;
    this.bars = parts.bars;
    this.instrument = parts.instrument;
    this.calendar = parts.calendar;
    this.signals = parts.signals;
    this.signalColumns = parts.signalColumns;
    this.sliceOfRow = parts.sliceOfRow;
    this.rows = parts.bars.endUs.length;
  }

  sliceOf(row: number): number {
    return this.sliceOfRow === undefined ? row : (this.sliceOfRow[row] as number);
  }

  /** Returns the last row whose bar ends at or before a slice, -1 before the first. */
  rowAt(slice: number): number {
    const slices = this.sliceOfRow;
    if (slices === undefined) return Math.min(slice, this.rows - 1);
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((slices[middle] as number) <= slice) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  get hasExits(): boolean {
    return this.stopOrder !== NO_ORDER || this.targetOrder !== NO_ORDER;
  }
}
