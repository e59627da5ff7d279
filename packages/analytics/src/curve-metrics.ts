import { assert } from '@capstan/domain';
import type { RatioOptions } from './annual.ts';
import { CurveMoments, type CurveTotals } from './curve-moments.ts';
import { excessKurtosis, skewness } from './moments.ts';
import {
  calmar,
  compoundAnnualGrowth,
  sharpe,
  sortino,
  totalReturn,
  volatility,
} from './ratios.ts';

/** What an equity curve alone says. Keys, units and signs are those of the catalogue. */
export interface CurveMetrics {
  readonly totalReturn: number | undefined;
  readonly cagr: number | undefined;
  readonly volatility: number | undefined;
  readonly sharpe: number | undefined;
  readonly sortino: number | undefined;
  readonly calmar: number | undefined;
  /** At most 0. */
  readonly maxDrawdown: number | undefined;
  /** In returns: sessions where the returns are of sessions. */
  readonly longestDrawdown: number | undefined;
  readonly skewness: number | undefined;
  readonly excessKurtosis: number | undefined;
}

/**
 * Computes the metrics of a curve whose first point is the start and whose every further point gives a return, in one pass.
 * @param curve equity, above 0, any unit. @complexity O(points)
 */
export function curveMetrics(curve: Float64Array, options: RatioOptions): CurveMetrics {
  const initial = curve[0];
  assert(initial !== undefined, 'a curve has at least its start');
  const scan = new CurveMoments(initial);
  scan.add(curve, 1);
  return metricsOfTotals(scan, options);
}

/** Derives the metrics from a finished scan: of points or of sessions. */
export function metricsOfTotals(totals: CurveTotals, options: RatioOptions): CurveMetrics {
  const { initial, last, count, maxDrawdownFraction } = totals;
  const growth = { initial, final: last, periods: count };
  const maxDrawdown = count < 1 || Number.isNaN(last) ? undefined : maxDrawdownFraction;
  const lost = maxDrawdown === undefined || maxDrawdown <= -1;
  const cagr = lost ? undefined : compoundAnnualGrowth(growth, options);
  const moments = totals.moments();
  return {
    totalReturn: totalReturn(growth),
    cagr,
    volatility: lost ? undefined : volatility(moments, options),
    sharpe: lost ? undefined : sharpe(moments, options),
    sortino: lost ? undefined : sortino(moments, options),
    calmar: lost ? undefined : calmar(cagr, maxDrawdown),
    maxDrawdown,
    longestDrawdown: maxDrawdown === undefined ? undefined : totals.longestDrawdown,
    skewness: lost ? undefined : skewness(moments),
    excessKurtosis: lost ? undefined : excessKurtosis(moments),
  };
}
