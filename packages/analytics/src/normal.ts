const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
/** Beyond this the series cancels in 1 − Φ, and the continued fraction needs few terms. */
const TAIL_FROM = 5;
const TAIL_TERMS = 60;
/** Beyond this Φ is 0 or 1 in a double. */
const TAIL_END = 40;

/** Returns the density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / ROOT_TWO_PI;
}

/**
 * Returns the standard normal distribution function Φ(x) with an absolute error below 1e-15: a series of positive terms
 * near zero, Laplace's continued fraction in the tails, so that small probabilities keep their digits.
 * @source Marsaglia, "Evaluating the normal distribution", 2004; Abramowitz and Stegun 26.2.11 and 26.2.14
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const size = Math.abs(x);
  if (size >= TAIL_END) return x < 0 ? 0 : 1;
  if (size < TAIL_FROM) return 0.5 + series(x);
  const tail = upperTail(size);
  return x < 0 ? tail : 1 - tail;
}

/** Φ(x) − 1/2 = φ(x) · (x + x³/3 + x⁵/(3·5) + …). */
function series(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let odd = 3; ; odd += 2) {
    term *= square / odd;
    const next = sum + term;
    if (next === sum) return sum * normalDensity(x);
    sum = next;
  }
}

/** 1 − Φ(x) = φ(x) / (x + 1/(x + 2/(x + 3/…))) for x > 0. */
function upperTail(x: number): number {
  let below = x;
  for (let term = TAIL_TERMS; term >= 1; term -= 1) below = x + term / below;
  return normalDensity(x) / below;
}
