import { finite, type RatioOptions, riskFreePerPeriod } from './annual.ts';
import { downsideDeviation, type Moments, sampleDeviation } from './moments.ts';

/** Returns the sample deviation × √periods a year; `undefined` below two returns. */
export function volatility(moments: Moments, options: RatioOptions): number | undefined {
  const deviation = sampleDeviation(moments);
  return deviation === undefined ? undefined : deviation * Math.sqrt(options.periodsPerYear);
}

/**
 * Returns (mean − riskless rate of a period) ÷ sample deviation; `undefined` below two returns or without variance.
 * @source Sharpe, 1994, equations 3 to 6
 */
export function sharpePerPeriod(moments: Moments, options: RatioOptions): number | undefined {
  const deviation = sampleDeviation(moments);
  if (deviation === undefined || deviation === 0) return undefined;
  return finite((moments.mean - riskFreePerPeriod(options)) / deviation);
}

/** Returns the Sharpe ratio of a period × √periods a year. */
export function sharpe(moments: Moments, options: RatioOptions): number | undefined {
  const ratio = sharpePerPeriod(moments, options);
  return ratio === undefined ? undefined : ratio * Math.sqrt(options.periodsPerYear);
}

/**
 * Returns mean ÷ downside deviation × √periods a year, target 0, the deviation over all returns; `undefined` below two
 * returns or without a loss. @source Sortino and Price, 1994
 */
export function sortino(moments: Moments, options: RatioOptions): number | undefined {
  const downside = downsideDeviation(moments);
  if (moments.count < 2 || downside === undefined || downside === 0) return undefined;
  return finite((moments.mean / downside) * Math.sqrt(options.periodsPerYear));
}

/** What a total and its time are. */
export interface Growth {
  readonly initial: number;
  readonly final: number;
  /** Returns between the two. */
  readonly periods: number;
}

/** Returns final ÷ initial − 1; `undefined` without a period. */
export function totalReturn(growth: Growth): number | undefined {
  return growth.periods < 1 ? undefined : finite(growth.final / growth.initial - 1);
}

/** Returns the yearly rate that compounds to the total; `undefined` without a period or when all equity was lost. */
export function compoundAnnualGrowth(growth: Growth, options: RatioOptions): number | undefined {
  const { initial, final, periods } = growth;
  if (periods < 1 || !(final >= 0)) return undefined;
  return finite((final / initial) ** (options.periodsPerYear / periods) - 1);
}

/** Returns growth ÷ size of the deepest drawdown; `undefined` without a drawdown. @source Young, 1991 */
export function calmar(
  growthAnnual: number | undefined,
  maxDrawdownFraction: number | undefined,
): number | undefined {
  if (growthAnnual === undefined || maxDrawdownFraction === undefined) return undefined;
  return maxDrawdownFraction < 0 ? finite(growthAnnual / -maxDrawdownFraction) : undefined;
}
