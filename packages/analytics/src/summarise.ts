import type { Calendar } from '@capstan/calendar';
import { assert } from '@capstan/domain';
import { type Exposure, exposure, turnover } from './activity.ts';
import { type RatioOptions, sessionsPerYear } from './annual.ts';
import { alignBenchmark, type DailyCloses, type Relation, relate } from './benchmark.ts';
import { metricsOfTotals } from './curve-metrics.ts';
import { dateDrawdown, drawdowns } from './drawdown-table.ts';
import type { Summary } from './metrics.ts';
import { momentsOf } from './moments.ts';
import { probabilisticSharpeOf } from './probabilistic-sharpe.ts';
import { lowerTail } from './quantile.ts';
import { sharpePerPeriod } from './ratios.ts';
import type { RoundTrips } from './round-trips.ts';
import { SessionMoments } from './session-moments.ts';
import {
  indexSessions,
  type SessionDateOf,
  type SessionIndex,
  sessionReturns,
} from './sessions.ts';
import { tradeStatistics } from './trade-statistics.ts';

/** What a summary is computed from. Deposits and withdrawals have no place in it: all change of equity is profit. */
export interface RunRecord {
  /** Cash before the first bar, above 0. */
  readonly initialMicros: number;
  /** Ends of the bars, ascending: the run's timeline. */
  readonly endUs: Float64Array;
  /** Marked equity after each bar. */
  readonly equityMicros: Float64Array;
  readonly calendar: Calendar;
  /** For bars outside the calendar's years; the calendar's trade date unless given. */
  readonly sessionDateOf?: SessionDateOf;
  /** The sessions of `endUs`, where they are at hand; looked up unless given. */
  readonly sessions?: SessionIndex;
  /** Yearly, as a fraction; 0 unless given. */
  readonly riskFreeAnnual?: number;
  /** Without them the metrics of trades, fills, costs and turnover are undefined. */
  readonly trips?: RoundTrips;
  /** Absolute worth of the holdings after each bar; without it the metrics of exposure are undefined. */
  readonly grossMicros?: Float64Array;
  readonly benchmark?: DailyCloses;
}

/** A summary, and the columns it was computed from, which tables and charts go on with. */
export interface RunSummary {
  readonly metrics: Summary;
  readonly sessions: SessionIndex;
  /** One a session, NaN where a session began with nothing left. */
  readonly returns: Float64Array;
  /** The benchmark's beside them, NaN where missing. */
  readonly benchmarkReturns: Float64Array | undefined;
  readonly ratios: RatioOptions;
}

/** Computes every metric of the catalogue for a run. @complexity O(bars + sessions log sessions + trades) */
export function summarise(run: RunRecord): RunSummary {
  const { initialMicros, endUs, equityMicros, calendar, riskFreeAnnual = 0 } = run;
  assert(endUs.length === equityMicros.length, 'an equity for each bar');
  const sessions = run.sessions ?? indexSessions(endUs, run.sessionDateOf ?? calendar);
  const ratios = { periodsPerYear: sessionsPerYear(calendar), riskFreeAnnual };
  const returns = sessionReturns(equityMicros, initialMicros, sessions);
  const aligned =
    run.benchmark === undefined ? undefined : alignBenchmark(run.benchmark, sessions.dates);
  const curve = curvePart(run, sessions, returns, ratios);
  const metrics: Summary = {
    ...curve,
    ...benchmarkPart(aligned === undefined ? undefined : relate(returns, aligned.returns, ratios), {
      own: curve.totalReturn,
      benchmark: aligned?.totalReturn,
    }),
    ...tradePart(run.trips),
    ...activityPart(run, sessions.dates.length, ratios),
  };
  return { metrics, sessions, returns, benchmarkReturns: aligned?.returns, ratios };
}

function curvePart(
  run: RunRecord,
  sessions: SessionIndex,
  returns: Float64Array,
  ratios: RatioOptions,
) {
  const { initialMicros, equityMicros } = run;
  const scan = new SessionMoments(sessions.lastRow, initialMicros);
  scan.add(equityMicros);
  const { longestDrawdown, ...curve } = metricsOfTotals(scan, ratios);
  const moments = momentsOf(returns);
  const lost = curve.maxDrawdown === undefined || curve.maxDrawdown <= -1;
  const known = returns.length > 0 && !lost;
  const [deepest] = drawdowns(equityMicros, { initial: initialMicros, rows: 1 });
  const none = curve.maxDrawdown === undefined ? undefined : 0;
  const tail95 = lost ? undefined : lowerTail(returns, 0.05);
  const tail99 = lost ? undefined : lowerTail(returns, 0.01);
  const sorted = returns.slice().sort();
  const last = equityMicros.at(-1);
  return {
    ...curve,
    netProfit: last === undefined ? undefined : last - initialMicros,
    finalEquity: last,
    sessions: returns.length,
    bestSession: known ? sorted.at(-1) : undefined,
    worstSession: known ? sorted[0] : undefined,
    positiveSessions: known
      ? returns.filter((change) => change > 0).length / returns.length
      : undefined,
    probabilisticSharpe: lost
      ? undefined
      : probabilisticSharpeOf(moments, sharpePerPeriod(moments, ratios)),
    maxDrawdownSessions: deepest === undefined ? none : dateDrawdown(deepest, sessions).sessions,
    longestDrawdownSessions: longestDrawdown,
    valueAtRisk95: tail95?.valueAtRisk,
    conditionalValueAtRisk95: tail95?.conditional,
    valueAtRisk99: tail99?.valueAtRisk,
    conditionalValueAtRisk99: tail99?.conditional,
  };
}

function benchmarkPart(
  relation: Relation | undefined,
  total: { readonly own: number | undefined; readonly benchmark: number | undefined },
) {
  const { own, benchmark } = total;
  return {
    benchmarkReturn: benchmark,
    excessReturn: own === undefined || benchmark === undefined ? undefined : own - benchmark,
    alpha: relation?.alpha,
    beta: relation?.beta,
    correlation: relation?.correlation,
    trackingError: relation?.trackingError,
    informationRatio: relation?.informationRatio,
  };
}

function tradePart(trips: RoundTrips | undefined) {
  const trades = trips === undefined ? undefined : tradeStatistics(trips.closed);
  return {
    trades: trades?.count,
    hitRate: trades?.hitRate,
    profitFactor: trades?.profitFactor,
    expectancy: trades?.expectancyMicros,
    averageTrade: trades?.averageReturn,
    averageWin: trades?.averageWinMicros,
    averageLoss: trades?.averageLossMicros,
    payoffRatio: trades?.payoffRatio,
    bestTrade: trades?.bestMicros,
    worstTrade: trades?.worstMicros,
    longestLosingStreak: trades?.longestLosingStreak,
    longestWinningStreak: trades?.longestWinningStreak,
    averageBarsHeld: trades?.averageBarsHeld,
    averageAdverse: trades?.averageAdverse,
    averageFavourable: trades?.averageFavourable,
  };
}

function activityPart(run: RunRecord, sessions: number, { periodsPerYear }: RatioOptions) {
  const { grossMicros, equityMicros, trips } = run;
  const held: Exposure | undefined =
    grossMicros === undefined ? undefined : exposure(grossMicros, equityMicros);
  return {
    exposure: held?.heldFraction,
    averageGrossExposure: held?.averageGross,
    highestGrossExposure: held?.highestGross,
    turnover:
      trips === undefined
        ? undefined
        : turnover({ tradedMicros: trips.tradedMicros, equityMicros, sessions, periodsPerYear }),
    fills: trips?.fillCount,
    costs: trips?.feesMicros,
  };
}
