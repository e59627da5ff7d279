import { mulDivRound } from '@capstan/domain';

/**
 * Four roundings of at most 2^-53 each are in what floats say here, and twice that is allowed for: what lies nearer to a border
 * than this part of it is worked out exactly.
 */
export const DOUBT = 2 ** -50;

/**
 * Computes `a × b ÷ divisor` rounded half up, as `mulDivRound` does, in floats where they leave no doubt.
 * @param a integer from 0. @param b integer from 0. @param inverse 1 ÷ `divisor`.
 * @throws what `mulDivRound` throws.
 */
export function nearestQuotient(a: number, b: number, divisor: number, inverse: number): number {
  const raised = a * b * inverse + 0.5;
  const quotient = Math.floor(raised);
  const part = raised - quotient;
  const doubt = raised * DOUBT;
  return part > doubt && part < 1 - doubt ? quotient : mulDivRound(a, b, divisor);
}

/**
 * Computes `amount × fraction` rounded down, NaN where floats leave doubt.
 * @param amount integer from 0. @param fraction from 0, three roundings off at most.
 */
export function flooredProduct(amount: number, fraction: number): number {
  const product = amount * fraction;
  const whole = Math.floor(product);
  const part = product - whole;
  const doubt = product * DOUBT;
  return part > doubt && part < 1 - doubt ? whole : Number.NaN;
}
