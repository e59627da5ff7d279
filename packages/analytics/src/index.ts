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
export {
  ALWAYS_OPEN_SESSIONS_PER_YEAR,
  CURVE_BLOCK_POINTS,
  EXCHANGE_SESSIONS_PER_YEAR,
} from './limits.ts';
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
export { SessionMoments } from './session-moments.ts';
export {
  indexSessions,
  type SessionDateOf,
  type SessionIndex,
  sessionOfRow,
  sessionReturns,
} from './sessions.ts';
