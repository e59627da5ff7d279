/**
 * Loops over one run of numbers, oldest first. Kernels and columns both call these, so that both have the same bits:
 * the order of the additions is part of the definition. Four sums run side by side, each over every fourth number,
 * because one addition would have to wait for the one before it.
 */

/** Where a run of numbers stands in an array. */
export interface Run {
  readonly start: number;
  readonly count: number;
}

/** The mean of a run. Never −0. */
export function meanOfRun(values: Float64Array, { start, count }: Run): number {
  const end = start + count;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = start;
  for (; at + 3 < end; at += 4) {
    a += values[at] ?? 0;
    b += values[at + 1] ?? 0;
    c += values[at + 2] ?? 0;
    d += values[at + 3] ?? 0;
  }
  for (; at < end; at += 1) a += values[at] ?? 0;
  return (a + b + (c + d)) / count + 0;
}

/** The sum of a run, the first number counted once, the second twice, and so on. Never −0. */
export function rampSumOfRun(values: Float64Array, { start, count }: Run): number {
  const end = start + count;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = start;
  for (; at + 3 < end; at += 4) {
    const weight = at - start + 1;
    a += weight * (values[at] ?? 0);
    b += (weight + 1) * (values[at + 1] ?? 0);
    c += (weight + 2) * (values[at + 2] ?? 0);
    d += (weight + 3) * (values[at + 3] ?? 0);
  }
  for (; at < end; at += 1) a += (at - start + 1) * (values[at] ?? 0);
  return a + b + (c + d) + 0;
}

/**
 * The population standard deviation of a run.
 *
 * Distances from `center` are summed, not the numbers themselves: with prices of 1e11 nanos the squares of the
 * numbers are 1e22 and would leave nothing of a cent. What `center` is off the mean by is taken out again.
 * @param center near to the mean.
 * @source T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for Computing the Sample Variance, The American
 * Statistician 37 (1983): the corrected two-pass algorithm.
 * @complexity O(count).
 */
export function deviationOfRun(
  values: Float64Array,
  { start, count }: Run,
  center: number,
): number {
  const end = start + count;
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  let squaresA = 0;
  let squaresB = 0;
  let squaresC = 0;
  let squaresD = 0;
  let at = start;
  for (; at + 3 < end; at += 4) {
    const a = (values[at] ?? 0) - center;
    const b = (values[at + 1] ?? 0) - center;
    const c = (values[at + 2] ?? 0) - center;
    const d = (values[at + 3] ?? 0) - center;
    sumA += a;
    sumB += b;
    sumC += c;
    sumD += d;
    squaresA += a * a;
    squaresB += b * b;
    squaresC += c * c;
    squaresD += d * d;
  }
  for (; at < end; at += 1) {
    const a = (values[at] ?? 0) - center;
    sumA += a;
    squaresA += a * a;
  }
  const sum = sumA + sumB + (sumC + sumD);
  const squares = squaresA + squaresB + (squaresC + squaresD);
  const variance = (squares - (sum * sum) / count) / count;
  return variance > 0 ? Math.sqrt(variance) : 0;
}
