import type { CashMicros, Position, TimeUs } from '@capstan/domain';
import type { Sha256 } from './digest.ts';
import type { FillColumns, OrderColumns } from './order-columns.ts';
import type { RunPath } from './run-plan.ts';
import type { SignalColumns } from './signals.ts';

/** What our own rules refused. */
export interface RunDenial {
  /** Index into the timeline. */
  readonly slice: number;
  /** Row of the symbol's own bars. */
  readonly row: number;
  /** Index into the result's symbols. */
  readonly symbolIndex: number;
  /** The policy's name, such as `market-hours`. */
  readonly policy: string;
  /** In words, with the figures that decided. */
  readonly reason: string;
}

/** An order of a signal that was decided once more after orders against it had ended. */
export interface RunFollowUp {
  /** Row of the order columns. */
  readonly order: number;
  /** Which order of its intent it is, from 1. */
  readonly attempt: number;
  /** Index into the timeline: the slice of its signal. */
  readonly signalSlice: number;
}

/** Cash that came or went without a trade. */
export interface RunCashEvent {
  /** `dividend`: paid. `accrual`: earned at the ex-date, in equity but not yet in cash. `fraction`: of a split. */
  readonly kind: 'dividend' | 'accrual' | 'fraction';
  /** Index into the timeline: the slice before whose bars it took effect. */
  readonly slice: number;
  /** Index into the result's symbols. */
  readonly symbolIndex: number;
  /** Signed: positive comes in. */
  readonly amountMicros: CashMicros;
  /** The open of the session before which it took effect. */
  readonly eventAtUs: TimeUs;
}

/** A time at which the daily-loss limit stopped the run from trading. */
export interface RunHalt {
  /** Index into the timeline: the slice whose marks breached the limit. */
  readonly slice: number;
  /** Index of the first slice at which it may trade again; absent to the end of the run. */
  readonly untilSlice?: number;
  /** Equity at the start of the session. */
  readonly startEquityMicros: number;
  /** Marked equity that breached. */
  readonly equityMicros: number;
  /** The loss at which it halts. */
  readonly limitMicros: number;
}

/** A position at the end of a run. */
export interface RunPosition {
  readonly symbol: string;
  readonly position: Position;
}

/**
 * What a backtest led to. Columns over the timeline have a row for each slice: the ends of all bars of all symbols, each once,
 * in order. The same spec and series give the same result, bit for bit, whatever path computed it.
 */
export interface BacktestResult {
  /** What computed it. */
  readonly path: RunPath;
  /** Sorted; `symbolIndex` is an index into it. */
  readonly symbols: readonly string[];
  readonly timelineUs: Float64Array;
  /**
   * Cash, accrued dividends and holdings at the last closes, after each slice. Not rounded: cash and accruals plus, symbol by
   * symbol, `closeNanos × holdingFactor(quantity)`, less the cost where an instrument settles by variation.
   */
  readonly equityMicros: Float64Array;
  /** Integers. */
  readonly cashMicros: Float64Array;
  /** Sum of the absolute worth of the holdings; absent unless asked for. */
  readonly grossMicros?: Float64Array;
  /** What the strategy wanted of each symbol, in the order of `symbols`. */
  readonly signals: readonly SignalColumns[];
  readonly orders: OrderColumns;
  readonly fills: FillColumns;
  /** In the order of their rows; absent where there can be none. */
  readonly followUps?: readonly RunFollowUp[];
  /** In the order in which they were refused. */
  readonly denials: readonly RunDenial[];
  /** In order of time. */
  readonly cashEvents: readonly RunCashEvent[];
  /** In order of time. */
  readonly halts: readonly RunHalt[];
  readonly finalCashMicros: CashMicros;
  /** The last row of `equityMicros`; the opening cash where there was no bar. */
  readonly finalEquityMicros: number;
  /** Symbols that were traded, flat ones included, in the order of `symbols`. */
  readonly positions: readonly RunPosition[];
  /**
   * SHA-256 over orders, fills, cash events and the final ledger, in hexadecimal. The same for all paths.
   * @param sha256 what hashes, where the platform has something quicker.
   */
  digest(sha256?: Sha256): string;
}

/** What of a result is wanted beside the necessary. */
export interface BacktestOptions {
  /** Fills `grossMicros`. */
  readonly wantGross?: boolean;
  /**
   * Columns of indicators by symbol and node, kept by the caller: runs over the same series share them. Give runs over other
   * series another one.
   */
  readonly columnCache?: Map<string, Map<string, Float64Array>>;
  /**
   * Gives a column of so many rows, of any content, for a kernel to fill; new ones unless given. Who runs one run after the other
   * and is done with a result lends its columns again, which spares the system to find and clear memory.
   */
  readonly allocate?: (rows: number) => Float64Array;
  /**
   * How much a piece of a run takes that is run in pieces: bars whose opinions are asked for one by one, slices at which something
   * happens. Some milliseconds' worth unless given.
   */
  readonly stepSize?: number;
}
