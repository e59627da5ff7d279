import {
  dateDrawdown,
  drawdowns,
  histogram,
  METRICS,
  monthlyReturns,
  underwater,
} from '@capstan/analytics';
import { formatDecimal } from '@capstan/domain';
import { EXECUTION_ASSUMPTIONS } from '@capstan/engine';
import { chartDataOf, rollingWindow } from './chart-data-of.ts';
import { BINS_MAX, DRAWDOWNS_LISTED_MAX, DRAWDOWNS_LISTED_MIN, SYMBOL_ROWS_MAX } from './limits.ts';
import { type ReasonFacts, reasonOf } from './metric-reason.ts';
import type { ReportedSymbol, ReportInput } from './report-input.ts';
import type {
  OpenPosition,
  ReportMetric,
  ReportShare,
  ReportYear,
  ReturnDistribution,
  RunReport,
} from './run-report.ts';
import { settingsOf } from './settings-of.ts';
import { sharesBySide, sharesBySymbol } from './shares-of.ts';
import { warningsOf } from './warnings-of.ts';

/**
 * Makes the report of a finished run: everything that its pages show. The same input gives the same report.
 * @throws Error where the result has a symbol that the input lacks. @complexity O(bars + trades + sessions × window)
 */
export function reportOf(input: ReportInput): RunReport {
  const { spec, strategy, summary, result, trips } = input;
  const symbols = symbolsInOrder(input);
  const calendar = spec.calendarOf(symbols[0]?.instrument.calendar ?? '24x7');
  const below = underwater(result.equityMicros, spec.cashMicros);
  const years = yearsOf(input);
  const deepest = drawdowns(result.equityMicros, {
    initial: spec.cashMicros,
    rows: Math.min(DRAWDOWNS_LISTED_MAX, Math.max(DRAWDOWNS_LISTED_MIN, years.length)),
  });
  const keptRows = deepest.flatMap(({ peakRow, troughRow, recoveryRow }) =>
    [peakRow, troughRow, recoveryRow].filter((row) => row !== undefined),
  );
  const { curveRows, ...charts } = chartDataOf({
    input,
    symbols,
    below,
    keptRows,
    timeZone: calendar.timeZone,
  });
  const { dates } = summary.sessions;
  const [from] = dates;
  const to = dates.at(-1);
  const bySymbol = sharesBySymbol(trips, result.symbols);
  return {
    strategy: { name: strategy.name, title: strategy.title, description: strategy.description },
    symbols: result.symbols,
    timeframe: spec.timeframe,
    timeZone: calendar.timeZone,
    currency: currencyOf(symbols),
    ...(from === undefined || to === undefined ? {} : { period: { from, to } }),
    bars: symbols.reduce((sum, { series }) => sum + series.bars.endUs.length, 0),
    slices: result.timelineUs.length,
    cashMicros: spec.cashMicros,
    params: paramsOf(input),
    settings: settingsOf(spec, symbols[0]?.instrument.quantityScale ?? 0),
    provenance: input.provenance,
    ...(input.benchmark === undefined ? {} : { benchmarkName: input.benchmark.name }),
    metrics: metricsOf(input),
    warnings: warningsOf({ input, symbols }),
    drawdowns: deepest.map((one) => dateDrawdown(one, summary.sessions)),
    years,
    distribution: distributionOf(summary.returns),
    rollingSessions: rollingWindow(summary.returns.length),
    bySide: sharesBySide(trips),
    ...symbolRows(bySymbol),
    openPositions: openPositionsOf(input, symbols),
    assumptions: EXECUTION_ASSUMPTIONS,
    curveShown: { points: curveRows, of: result.timelineUs.length },
    charts,
  };
}

function symbolsInOrder({ symbols, result }: ReportInput): ReportedSymbol[] {
  const byName = new Map(symbols.map((one) => [one.series.symbol, one]));
  return result.symbols.map((symbol) => {
    const found = byName.get(symbol);
    if (found === undefined) throw new Error(`the report's input has no bars of ${symbol}`);
    return found;
  });
}

function currencyOf(symbols: readonly ReportedSymbol[]): string {
  return [...new Set(symbols.map(({ instrument }) => instrument.currency))].join(', ');
}

function paramsOf({ strategy, params }: ReportInput) {
  return Object.entries(params).map(([name, value]) => {
    const description = strategy.params[name]?.description;
    return { name, value: String(value), ...(description === undefined ? {} : { description }) };
  });
}

function metricsOf(input: ReportInput): ReportMetric[] {
  const { metrics } = input.summary;
  const facts = factsOf(input);
  return METRICS.map((definition) => {
    const value = metrics[definition.key];
    return value === undefined
      ? { definition, value, why: reasonOf(definition, facts) }
      : { definition, value };
  });
}

function factsOf({ summary, trips, result, benchmark }: ReportInput): ReasonFacts {
  const { closed } = trips;
  let winners = 0;
  let losers = 0;
  for (let row = 0; row < closed.count; row += 1) {
    const net = (closed.grossMicros[row] as number) - (closed.feesMicros[row] as number);
    winners += net > 0 ? 1 : 0;
    losers += net < 0 ? 1 : 0;
  }
  return {
    sessions: summary.returns.length,
    trades: closed.count,
    winners,
    losers,
    hasBenchmark: benchmark !== undefined,
    benchmarkPairs: (summary.benchmarkReturns ?? []).filter((value) => !Number.isNaN(value)).length,
    lostEverything: result.equityMicros.some((equity) => equity <= 0),
    hasGross: result.grossMicros !== undefined,
  };
}

function yearsOf({ summary }: ReportInput): ReportYear[] {
  const { sessions, returns, benchmarkReturns } = summary;
  const own = monthlyReturns(sessions.dates, returns);
  if (benchmarkReturns === undefined) return own.map((year) => ({ ...year, benchmark: undefined }));
  // The first session has no return where the benchmark begins with the run: it adds nothing to the year.
  const known = benchmarkReturns.slice();
  if (Number.isNaN(known[0])) known[0] = 0;
  const others = monthlyReturns(sessions.dates, known);
  return own.map((year, place) => ({ ...year, benchmark: others[place]?.total }));
}

function distributionOf(returns: Float64Array): ReturnDistribution {
  const known = returns.filter((value) => Number.isFinite(value));
  const bins = Math.min(BINS_MAX, Math.max(7, 2 * Math.ceil(Math.sqrt(known.length)) + 1));
  const sum = known.reduce((total, value) => total + value, 0);
  return {
    bins: histogram(known, bins),
    count: known.length,
    mean: known.length === 0 ? undefined : sum / known.length,
  };
}

/** All symbols, or those with the greatest effect, by name. */
function symbolRows(all: readonly ReportShare[]) {
  const effect = ({ netMicros, openNetMicros }: ReportShare) => Math.abs(netMicros + openNetMicros);
  const bySymbol =
    all.length <= SYMBOL_ROWS_MAX
      ? all
      : [...all].sort((a, b) => effect(b) - effect(a)).slice(0, SYMBOL_ROWS_MAX);
  return { bySymbol, symbolsLeftOut: all.length - bySymbol.length };
}

function openPositionsOf(
  { trips, result }: ReportInput,
  symbols: readonly ReportedSymbol[],
): OpenPosition[] {
  return trips.open.map(({ symbolIndex, openQuantity, entryPriceNanos, markNanos, netMicros }) => ({
    symbol: result.symbols[symbolIndex] ?? '',
    quantityText: formatDecimal(openQuantity, symbols[symbolIndex]?.instrument.quantityScale ?? 0),
    entryPriceNanos,
    markNanos,
    netMicros,
  }));
}
