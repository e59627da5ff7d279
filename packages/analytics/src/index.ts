export { type Exposure, exposure, type Traffic, turnover } from './activity.ts';
export { type RatioOptions, riskFreePerPeriod, sessionsPerYear } from './annual.ts';
export {
  type AlignedBenchmark,
  alignBenchmark,
  type DailyCloses,
  type Relation,
  relate,
} from './benchmark.ts';
export { type CurveMetrics, curveMetrics, metricsOfTotals } from './curve-metrics.ts';
export { CurveMoments, type CurveTotals } from './curve-moments.ts';
export {
  type DatedDrawdown,
  type Drawdown,
  type DrawdownTableOptions,
  dateDrawdown,
  drawdowns,
  underwater,
} from './drawdown-table.ts';
export type { FillColumns, PositionEvent, TradedBars, TradedSymbol } from './fill-columns.ts';
export { fillsOfHistory } from './fills-of-history.ts';
export {
  ALWAYS_OPEN_SESSIONS_PER_YEAR,
  CURVE_BLOCK_POINTS,
  EXCHANGE_SESSIONS_PER_YEAR,
} from './limits.ts';
export {
  METRIC_GROUPS,
  METRIC_UNITS,
  type MetricDefinition,
  type MetricGroup,
  type MetricUnit,
} from './metric-definition.ts';
export { METRICS, type MetricKey, type Summary } from './metrics.ts';
export {
  downsideDeviation,
  excessKurtosis,
  type Moments,
  momentKurtosis,
  momentSkewness,
  momentsOf,
  sampleDeviation,
  skewness,
} from './moments.ts';
export { normalCdf, normalDensity } from './normal.ts';
export {
  probabilisticSharpe,
  probabilisticSharpeOf,
  type SharpeEvidence,
} from './probabilistic-sharpe.ts';
export { lowerTail, quantile, type Tail } from './quantile.ts';
export {
  calmar,
  compoundAnnualGrowth,
  type Growth,
  sharpe,
  sharpePerPeriod,
  sortino,
  totalReturn,
  volatility,
} from './ratios.ts';
export { addReturn, momentsOfReturns, noReturns, type ReturnSums } from './return-sums.ts';
export {
  type HistogramBin,
  histogram,
  monthlyReturns,
  type YearOfReturns,
} from './return-tables.ts';
export {
  type RollingOptions,
  rollingBeta,
  rollingSharpe,
  rollingSortino,
  rollingVolatility,
} from './rolling.ts';
export type { ClosedTrade, OpenTrade, TradeColumns } from './round-trip.ts';
export { type FillHistory, type RoundTrips, roundTrips } from './round-trips.ts';
export { SessionMoments } from './session-moments.ts';
export {
  indexSessions,
  type SessionDateOf,
  type SessionIndex,
  sessionOfRow,
  sessionReturns,
} from './sessions.ts';
export { type RunRecord, type RunSummary, summarise } from './summarise.ts';
export { closedTrades, tradeAt } from './trade-columns.ts';
export { type TradeStatistics, tradeStatistics } from './trade-statistics.ts';
