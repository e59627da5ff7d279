import { finite } from './annual.ts';
import { type Moments, momentKurtosis, momentSkewness } from './moments.ts';
import { normalCdf } from './normal.ts';

/** What a probabilistic Sharpe ratio is of. All of one period, not annualised. */
export interface SharpeEvidence {
  /** The Sharpe ratio that was seen. */
  readonly sharpe: number;
  /** Returns it was seen on. */
  readonly count: number;
  /** Skewness of the returns; 0 for normal ones. */
  readonly skewness: number;
  /** Kurtosis of the returns, not in excess; 3 for normal ones. */
  readonly kurtosis: number;
  /** The Sharpe ratio to beat; 0 unless given. */
  readonly benchmarkSharpe?: number;
}

/**
 * Returns the probability that the true Sharpe ratio is above the one to beat, given the length, skew and tails of the
 * sample; `undefined` below two returns or where the estimated variance of the ratio is not positive.
 * @source Bailey and López de Prado, "The Sharpe ratio efficient frontier", 2012, equation 11
 */
export function probabilisticSharpe(evidence: SharpeEvidence): number | undefined {
  const { sharpe, count, skewness, kurtosis, benchmarkSharpe = 0 } = evidence;
  if (count < 2) return undefined;
  const variance = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  if (!(variance > 0)) return undefined;
  return finite(
    normalCdf(((sharpe - benchmarkSharpe) * Math.sqrt(count - 1)) / Math.sqrt(variance)),
  );
}

/** Returns it for a sample's moments, skew and kurtosis as plain moment ratios. */
export function probabilisticSharpeOf(
  moments: Moments,
  sharpe: number | undefined,
  benchmarkSharpe = 0,
): number | undefined {
  const skewness = momentSkewness(moments);
  const kurtosis = momentKurtosis(moments);
  if (sharpe === undefined || skewness === undefined || kurtosis === undefined) return undefined;
  const { count } = moments;
  return probabilisticSharpe({ sharpe, count, skewness, kurtosis, benchmarkSharpe });
}
