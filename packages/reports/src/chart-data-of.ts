import { rollingSharpe } from '@capstan/analytics';
import { MICROS_PER_UNIT, NANOS_PER_UNIT, US_PER_SECOND } from '@capstan/domain';
import type { ChartData, CurveData, PriceData, RollingData } from './chart-data.ts';
import { decimalsOfTick } from './format.ts';
import {
  CANDLES_MAX,
  CANDLES_PER_SYMBOL_MIN,
  CURVE_BUCKETS_MAX,
  CURVE_SESSIONS_MAX,
  LISTED_TRADES_MAX,
  PRICED_SYMBOLS_MAX,
  ROLLING_SESSIONS,
  ROLLING_SESSIONS_MIN,
} from './limits.ts';
import { packColumn } from './pack-column.ts';
import type { ReportedSymbol, ReportInput } from './report-input.ts';
import { thinBars } from './thin-bars.ts';
import { thinRows } from './thin-rows.ts';
import { tradeDataOf } from './trade-data.ts';

const RATIO_DECIMALS = 4;
const FRACTION_DECIMALS = 5;

/** What the charts are made of, beside the input. */
export interface ChartParts {
  readonly input: ReportInput;
  /** In the order of the result's symbols. */
  readonly symbols: readonly ReportedSymbol[];
  readonly below: Float64Array;
  /** Rows of the curve that are drawn in any case, ascending. */
  readonly keptRows: readonly number[];
  readonly timeZone: string;
}

/** Makes what a page draws. */
export function chartDataOf(parts: ChartParts): ChartData & { readonly curveRows: number } {
  const { input, symbols, timeZone } = parts;
  const rows = curveRowsOf(parts);
  const rolling = rollingOf(input);
  return {
    timeZone,
    intraday: input.spec.timeframe !== '1d',
    curve: curveOf(parts, rows),
    curveRows: rows.length,
    ...(rolling === undefined ? {} : { rolling }),
    prices: pricesOf(input, symbols),
    trades: tradeDataOf({
      trips: input.trips,
      instruments: symbols.map(({ instrument }) => instrument),
      lastRows: symbols.map(({ series }) => series.bars.endUs.length - 1),
      rowsMax: LISTED_TRADES_MAX,
    }),
  };
}

function curveRowsOf({ input, below, keptRows }: ChartParts): Int32Array {
  const { lastRow } = input.summary.sessions;
  const sessionRows = lastRow.length <= CURVE_SESSIONS_MAX ? lastRow : [];
  const always = [...new Set([...sessionRows, ...keptRows])].sort((a, b) => a - b);
  return thinRows(input.result.equityMicros, below, { bucketsMax: CURVE_BUCKETS_MAX, always });
}

function curveOf({ input, below }: ChartParts, rows: Int32Array): CurveData {
  const { timelineUs, equityMicros, grossMicros } = input.result;
  const pick = (column: Float64Array, unit: number): Float64Array =>
    Float64Array.from(rows, (row) => (column[row] as number) / unit);
  const benchmark = benchmarkCurve(input);
  return {
    atS: packColumn(pick(timelineUs, US_PER_SECOND), 0),
    equity: packColumn(pick(equityMicros, MICROS_PER_UNIT), 2),
    drawdown: packColumn(pick(below, 1), FRACTION_DECIMALS),
    ...(benchmark === undefined
      ? {}
      : {
          benchmark: packColumn(
            Float64Array.from(rows, (row) => benchmark.get(row) ?? Number.NaN),
            2,
          ),
          benchmarkName: input.benchmark?.name ?? 'Benchmark',
        }),
    ...(grossMicros === undefined
      ? {}
      : {
          exposure: packColumn(
            Float64Array.from(rows, (row) =>
              (equityMicros[row] as number) > 0
                ? (grossMicros[row] as number) / (equityMicros[row] as number)
                : Number.NaN,
            ),
            RATIO_DECIMALS,
          ),
        }),
  };
}

/** The benchmark in units of money at the last bar of each session, as if the run's initial cash had been put into it. */
function benchmarkCurve({
  benchmark,
  summary,
  spec,
}: ReportInput): Map<number, number> | undefined {
  if (benchmark === undefined) return undefined;
  const { dates, lastRow } = summary.sessions;
  const placeOf = new Map(benchmark.dates.map((date, place) => [date, place]));
  const places = dates.map((date) => placeOf.get(date));
  const [first] = places;
  const before =
    first !== undefined && first > 0 ? first - 1 : places.find((one) => one !== undefined);
  const base = before === undefined ? undefined : benchmark.closes[before];
  const levels = new Map<number, number>();
  if (base === undefined) return levels;
  const cash = spec.cashMicros / MICROS_PER_UNIT;
  for (const [session, place] of places.entries()) {
    if (place === undefined) continue;
    levels.set(lastRow[session] as number, (cash * (benchmark.closes[place] as number)) / base);
  }
  return levels;
}

/** Sessions of the rolling window: a quarter of a year, or a third of a short run; none where that is too few. */
export function rollingWindow(sessions: number): number | undefined {
  const window = Math.min(ROLLING_SESSIONS, Math.floor(sessions / 3));
  return window < ROLLING_SESSIONS_MIN ? undefined : window;
}

function rollingOf({ summary, result }: ReportInput): RollingData | undefined {
  const { returns, sessions, ratios } = summary;
  const window = rollingWindow(returns.length);
  if (window === undefined) return undefined;
  const column = rollingSharpe(returns, { window, ...ratios });
  const lasts = sessions.lastRow.subarray(window - 1);
  return {
    atS: packColumn(
      Float64Array.from(lasts, (row) => (result.timelineUs[row] as number) / US_PER_SECOND),
      0,
    ),
    sharpe: packColumn(column.subarray(window - 1), 3),
  };
}

/** Candles of the symbols that traded most, then by name. */
function pricesOf({ trips }: ReportInput, symbols: readonly ReportedSymbol[]): PriceData[] {
  const trades = new Map<number, number>();
  const add = (symbolIndex: number) => trades.set(symbolIndex, (trades.get(symbolIndex) ?? 0) + 1);
  for (let row = 0; row < trips.closed.count; row += 1) {
    add(trips.closed.symbolIndex[row] as number);
  }
  for (const { symbolIndex } of trips.open) add(symbolIndex);
  const chosen = [...symbols.keys()]
    .filter((index) => (symbols[index]?.series.bars.endUs.length ?? 0) > 0)
    .sort((a, b) => (trades.get(b) ?? 0) - (trades.get(a) ?? 0) || a - b)
    .slice(0, PRICED_SYMBOLS_MAX)
    .sort((a, b) => a - b);
  const candlesMax = Math.max(CANDLES_PER_SYMBOL_MIN, Math.floor(CANDLES_MAX / chosen.length));
  return chosen.map((index) => priceDataOf(symbols[index] as ReportedSymbol, index, candlesMax));
}

/** Packs the candles of one symbol. */
export function priceDataOf(
  { series, instrument }: ReportedSymbol,
  symbolIndex: number,
  candlesMax: number,
): PriceData {
  const candles = thinBars(series.bars, candlesMax);
  const decimals = decimalsOfTick(instrument.tickNanos);
  const prices = (nanos: Float64Array) =>
    packColumn(
      nanos.map((value) => value / NANOS_PER_UNIT),
      decimals,
    );
  return {
    symbol: instrument.symbol,
    symbolIndex,
    decimals,
    bars: series.bars.endUs.length,
    hasSplits: series.actions?.some(({ kind }) => kind === 'split') ?? false,
    barsPerCandle: candles.barsPerCandle,
    startS: packColumn(
      candles.startUs.map((us) => us / US_PER_SECOND),
      0,
    ),
    open: prices(candles.openNanos),
    high: prices(candles.highNanos),
    low: prices(candles.lowNanos),
    close: prices(candles.closeNanos),
  };
}
