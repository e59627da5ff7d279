import type { PackedColumn } from './packed-column.ts';

/** What the scripts of a page draw and list; everything else of a report is in its markup. Times are UTC seconds. */
export interface ChartData {
  /** The clock of the exchange's wall, an IANA name. */
  readonly timeZone: string;
  /** False where bars are whole sessions: then times are shown as dates. */
  readonly intraday: boolean;
  readonly curve: CurveData;
  readonly rolling?: RollingData;
  readonly prices: readonly PriceData[];
  readonly trades: TradeData;
}

/** What the light page draws. */
export type PlotData = Omit<ChartData, 'rolling'>;

/** The equity curve, thinned; columns of one length. */
export interface CurveData {
  readonly atS: PackedColumn;
  /** In units of money. */
  readonly equity: PackedColumn;
  /** The benchmark from the same initial cash; missing between sessions. */
  readonly benchmark?: PackedColumn;
  readonly benchmarkName?: string;
  /** Fractions below the highest equity before, at most 0. */
  readonly drawdown: PackedColumn;
  /** Gross worth of holdings ÷ equity. */
  readonly exposure?: PackedColumn;
}

/** A figure over a window of sessions; columns of one length. */
export interface RollingData {
  readonly atS: PackedColumn;
  readonly sharpe: PackedColumn;
}

/** Candles of one symbol; columns of one length. */
export interface PriceData {
  readonly symbol: string;
  /** Index into the trades' symbols. */
  readonly symbolIndex: number;
  readonly decimals: number;
  readonly bars: number;
  readonly barsPerCandle: number;
  /** Its prices are as they traded: a split is a step in them. */
  readonly hasSplits: boolean;
  readonly startS: PackedColumn;
  readonly open: PackedColumn;
  readonly high: PackedColumn;
  readonly low: PackedColumn;
  readonly close: PackedColumn;
}

/** Trades flat to flat, in the order in which they closed, those still open last; columns of one length. */
export interface TradeData {
  readonly symbols: readonly string[];
  /** Trades that the run had, where fewer are listed. */
  readonly total: number;
  /** How many of the last rows are open: their exit is the last close. */
  readonly openCount: number;
  readonly symbolIndex: PackedColumn;
  /** +1 long, -1 short. */
  readonly side: PackedColumn;
  readonly entryAtS: PackedColumn;
  /** Missing while open. */
  readonly exitAtS: PackedColumn;
  /** Rows of the symbol's bars. */
  readonly entryRow: PackedColumn;
  readonly exitRow: PackedColumn;
  readonly quantity: PackedColumn;
  readonly entryPrice: PackedColumn;
  readonly exitPrice: PackedColumn;
  /** Net of costs, in units of money. */
  readonly net: PackedColumn;
  /** Net ÷ entry notional. */
  readonly returnFraction: PackedColumn;
  readonly fees: PackedColumn;
  /** Worst and best open profit ÷ entry notional. */
  readonly adverseFraction: PackedColumn;
  readonly favourableFraction: PackedColumn;
}
