import { DEVIATION_NOISE, VARIANCE_NOISE_SHARE } from './limits.ts';

/** Sums over a sample from which its deviation, skew, kurtosis and ratios follow. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Σ(x − mean)², Σ(x − mean)³, Σ(x − mean)⁴. */
  readonly central2: number;
  readonly central3: number;
  readonly central4: number;
  /** Σ min(x, 0)² over all observations. */
  readonly downside2: number;
}

/** Sums of powers about zero, as one pass leaves them. */
export interface PowerSums {
  readonly count: number;
  readonly sum1: number;
  readonly sum2: number;
  readonly sum3: number;
  readonly sum4: number;
  readonly downside2: number;
}

/** Computes the moments of a sample in two passes, the first for the mean. */
export function momentsOf(values: Float64Array): Moments {
  const count = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = count === 0 ? 0 : sum / count;
  let central2 = 0;
  let central3 = 0;
  let central4 = 0;
  let downside2 = 0;
  for (const value of values) {
    const off = value - mean;
    const square = off * off;
    central2 += square;
    central3 += square * off;
    central4 += square * square;
    if (value < 0) downside2 += value * value;
  }
  return { count, mean, central2, central3, central4, downside2 };
}

/** Moves sums of powers to the mean. Good to about 1e-12 where the mean is small beside the deviation, as in returns. */
export function momentsOfSums(sums: PowerSums): Moments {
  const { count, sum1, sum2, sum3, sum4, downside2 } = sums;
  const mean = count === 0 ? 0 : sum1 / count;
  const square = mean * mean;
  return {
    count,
    mean,
    central2: sum2 - count * square,
    central3: sum3 - 3 * mean * sum2 + 2 * count * square * mean,
    central4: sum4 - 4 * mean * sum3 + 6 * square * sum2 - 3 * count * square * square,
    downside2,
  };
}

/**
 * Returns the sample standard deviation, n − 1 below; 0 where all differ by rounding alone, `undefined` below two
 * observations or where one is no number.
 */
export function sampleDeviation(moments: Moments): number | undefined {
  const { count, mean, central2 } = moments;
  if (count < 2 || !Number.isFinite(central2)) return undefined;
  const variance = central2 / (count - 1);
  const meanSquare = variance + mean * mean;
  if (!(variance > VARIANCE_NOISE_SHARE * meanSquare)) return 0;
  const deviation = Math.sqrt(variance);
  return deviation < DEVIATION_NOISE ? 0 : deviation;
}

/**
 * Returns the root of the mean of min(x, 0)² over all observations; `undefined` without any.
 * @source Sortino and Price, 1994, with target 0
 */
export function downsideDeviation(moments: Moments): number | undefined {
  if (moments.count === 0 || !Number.isFinite(moments.downside2)) return undefined;
  return Math.sqrt(moments.downside2 / moments.count);
}

/**
 * Returns the adjusted Fisher–Pearson skewness G1 = √(n(n−1))/(n−2) · m3/m2^1.5; `undefined` below three observations or
 * without variance. @source Joanes and Gill, 1998
 */
export function skewness(moments: Moments): number | undefined {
  const { count } = moments;
  const plain = momentSkewness(moments);
  if (plain === undefined || count < 3) return undefined;
  return (Math.sqrt(count * (count - 1)) / (count - 2)) * plain;
}

/**
 * Returns the bias-adjusted excess kurtosis G2 = (n−1)/((n−2)(n−3)) · ((n+1)(m4/m2² − 3) + 6); `undefined` below four
 * observations or without variance. @source Joanes and Gill, 1998
 */
export function excessKurtosis(moments: Moments): number | undefined {
  const { count } = moments;
  const plain = momentKurtosis(moments);
  if (plain === undefined || count < 4) return undefined;
  return ((count - 1) / ((count - 2) * (count - 3))) * ((count + 1) * (plain - 3) + 6);
}

/** Returns the plain ratio m3/m2^1.5 of population moments; `undefined` without variance. */
export function momentSkewness(moments: Moments): number | undefined {
  if (!hasVariance(moments)) return undefined;
  const { count, central2, central3 } = moments;
  return central3 / count / (central2 / count) ** 1.5;
}

/** Returns the plain ratio m4/m2² of population moments, 3 for a normal sample; `undefined` without variance. */
export function momentKurtosis(moments: Moments): number | undefined {
  if (!hasVariance(moments)) return undefined;
  const { count, central2, central4 } = moments;
  return (central4 * count) / (central2 * central2);
}

const hasVariance = (moments: Moments): boolean => (sampleDeviation(moments) ?? 0) > 0;
