import { marketFailure } from '../requests/market-failure.ts';

/** Returns a number of units without its fraction. @throws MARKET.ANSWER where it is none. */
export function wholeUnits(units: number): number {
  const whole = Math.floor(units);
  if (Number.isSafeInteger(whole)) return whole;
  throw marketFailure('MARKET.ANSWER', { why: `'${units}' is no number of units.` });
}
